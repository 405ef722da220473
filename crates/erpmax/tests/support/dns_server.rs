//! A DNS server on this machine that knows a few texts.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::thread;

use simple_dns::rdata::{RData, TXT};
use simple_dns::{CLASS, Packet, PacketFlag, RCODE, ResourceRecord};

/// Texts at names.
type Zone = &'static [(&'static str, &'static str)];

/// A running DNS server; it ends with the test.
pub struct DnsServer(pub SocketAddr);

impl DnsServer {
    /// One that knows these texts; what does not fit into a packet has to be asked for over TCP.
    pub fn start(zone: Zone) -> Self {
        let (udp, tcp) = (0..100).find_map(|_| one_port()).expect("a port is free for both");
        let address = udp.local_addr().expect("it has an address");
        thread::spawn(move || serve_udp(&udp, zone));
        thread::spawn(move || serve_tcp(&tcp, zone));
        Self(address)
    }
}

/// The same port twice, unless somebody has the other half.
fn one_port() -> Option<(UdpSocket, TcpListener)> {
    let udp = UdpSocket::bind("127.0.0.1:0").ok()?;
    let tcp = TcpListener::bind(udp.local_addr().ok()?).ok()?;
    Some((udp, tcp))
}

fn serve_udp(socket: &UdpSocket, zone: Zone) {
    let mut question = [0; 1_232];
    while let Ok((length, from)) = socket.recv_from(&mut question) {
        let whole = answer(&question[..length], zone, false);
        let fits = whole.len() <= 512;
        let said = if fits { whole } else { answer(&question[..length], &[], true) };
        socket.send_to(&said, from).expect("it can be sent");
    }
}

fn serve_tcp(listener: &TcpListener, zone: Zone) {
    for stream in listener.incoming() {
        let mut stream = stream.expect("a connection");
        let mut length = [0; 2];
        stream.read_exact(&mut length).expect("a length comes");
        let mut question = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut question).expect("a question comes");
        let answer = answer(&question, zone, false);
        let length = u16::try_from(answer.len()).expect("it is short enough").to_be_bytes();
        stream.write_all(&[&length, &answer[..]].concat()).expect("it reads");
    }
}

fn answer(question: &[u8], zone: Zone, is_cut_off: bool) -> Vec<u8> {
    let asked = Packet::parse(question).expect("a question");
    let name = asked.questions[0].qname.clone();
    let mut reply = Packet::new_reply(asked.id());
    let text = name.to_string();
    for (_, said) in zone.iter().filter(|(at, _)| *at == text) {
        let txt = TXT::try_from(*said).expect("a text");
        reply.answers.push(ResourceRecord::new(name.clone(), CLASS::IN, 60, RData::TXT(txt)));
    }
    // A name exists with what is below it.
    if !is_cut_off && !zone.iter().any(|(at, _)| *at == text || at.ends_with(&format!(".{text}"))) {
        *reply.rcode_mut() = RCODE::NameError;
    }
    if is_cut_off {
        reply.set_flags(PacketFlag::TRUNCATION);
    }
    reply.build_bytes_vec().expect("an answer")
}
