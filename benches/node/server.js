// Socket.IO's own server, doing what ours does in the measurement: sockets come into a room of namespace /ws, and each
// request to /emit sends a list of events to that room.

import { createServer } from 'node:http';
import { Server } from 'socket.io';

const ROOM = 'tenant';

const http = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    for (const [name, payload] of JSON.parse(Buffer.concat(chunks).toString())) {
      sockets.to(ROOM).emit(name, payload);
    }
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 2 });
    response.end('{}');
  });
});

const sockets = new Server(http, { path: '/socket.io', serveClient: false }).of('/ws');

sockets.on('connection', (socket) => {
  socket.join(ROOM);
  socket.emit('connected', { message: 'Connected' });
});

http.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${http.address().port}/`));
