//! Questions to a DNS server that the system's own resolver does not ask: the texts at a name (RFC 1035, RFC 6891).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use simple_dns::rdata::{OPT, RData};
use simple_dns::{CLASS, Name, Packet, PacketFlag, Question, RCODE, TYPE};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

const PORT: u16 = 53;
/// What passes everywhere in one packet (the DNS flag day of 2020).
const PACKET_BYTES: u16 = 1_232;
const PATIENCE: Duration = Duration::from_secs(2);

/// The servers that are asked, one after the other.
pub(super) struct Resolver(Vec<SocketAddr>);

/// What stands at a name.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Texts {
    /// Neither the name nor anything below it exists.
    NoName,
    /// The texts, each put together from its pieces.
    These(Vec<String>),
}

impl Resolver {
    /// The given server, or those of this machine.
    pub(super) fn new(given: Option<SocketAddr>) -> Self {
        let own = || servers_in(&std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default());
        Self(given.map_or_else(own, |server| vec![server]))
    }

    /// The texts at a name; a sentence where nobody can be asked.
    pub(super) async fn texts(&self, name: &str) -> Result<Texts, String> {
        let mut problem = "this machine has no DNS server".to_owned();
        for server in &self.0 {
            match ask(*server, name).await {
                Ok(texts) => return Ok(texts),
                Err(error) => problem = format!("{server} does not answer: {error}"),
            }
        }
        Err(problem)
    }
}

/// The servers of a `resolv.conf`; without one, this machine itself.
fn servers_in(text: &str) -> Vec<SocketAddr> {
    let servers = text.lines().filter_map(|line| line.trim().strip_prefix("nameserver")?.trim().parse::<IpAddr>().ok());
    let servers: Vec<_> = servers.map(|address| SocketAddr::new(address, PORT)).collect();
    if servers.is_empty() { vec![SocketAddr::from((Ipv4Addr::LOCALHOST, PORT))] } else { servers }
}

async fn ask(server: SocketAddr, name: &str) -> anyhow::Result<Texts> {
    let id = question_id();
    let question = question(id, name)?;
    let mut answer = timeout(PATIENCE, over_udp(server, &question)).await??;
    if Packet::parse(&answer)?.has_flags(PacketFlag::TRUNCATION) {
        answer = timeout(PATIENCE, over_tcp(server, &question)).await??;
    }
    read(id, &answer)
}

/// Any number will do: the socket is connected, and a hint is all that depends on the answer.
fn question_id() -> u16 {
    u16::try_from(std::process::id() & 0xffff).unwrap_or_default()
}

fn question(id: u16, name: &str) -> anyhow::Result<Vec<u8>> {
    let mut packet = Packet::new_query(id);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    packet.questions.push(Question::new(Name::new(name)?, TYPE::TXT.into(), CLASS::IN.into(), false));
    *packet.opt_mut() = Some(OPT { opt_codes: Vec::new(), udp_packet_size: PACKET_BYTES, version: 0 });
    Ok(packet.build_bytes_vec()?)
}

async fn over_udp(server: SocketAddr, question: &[u8]) -> std::io::Result<Vec<u8>> {
    let any: IpAddr = if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(server).await?;
    socket.send(question).await?;
    let mut answer = vec![0; usize::from(u16::MAX)];
    let length = socket.recv(&mut answer).await?;
    answer.truncate(length);
    Ok(answer)
}

async fn over_tcp(server: SocketAddr, question: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(server).await?;
    let length = u16::try_from(question.len()).map_err(std::io::Error::other)?;
    stream.write_all(&[&length.to_be_bytes(), question].concat()).await?;
    let mut answer = vec![0; usize::from(stream.read_u16().await?)];
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}

fn read(id: u16, answer: &[u8]) -> anyhow::Result<Texts> {
    let packet = Packet::parse(answer)?;
    anyhow::ensure!(packet.id() == id, "it answers another question");
    match packet.rcode() {
        RCODE::NoError => {}
        RCODE::NameError => return Ok(Texts::NoName),
        other => anyhow::bail!("it says {other:?}"),
    }
    let texts = packet.answers.into_iter().filter_map(|record| match record.rdata {
        RData::TXT(text) => String::try_from(text).ok(),
        _ => None,
    });
    Ok(Texts::These(texts.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_of_the_machine_are_read() {
        let text = "# a comment\nsearch example\nnameserver 192.0.2.1\nnameserver  2001:db8::1\nnameserver here\n";
        let servers = servers_in(text).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(servers, ["192.0.2.1:53", "[2001:db8::1]:53"]);
        assert_eq!(servers_in("").len(), 1);
    }

    #[test]
    fn an_answer_to_another_question_is_none() {
        let packet = Packet::new_reply(7).build_bytes_vec().expect("a packet");
        assert!(read(8, &packet).is_err());
        assert_eq!(read(7, &packet).ok(), Some(Texts::These(Vec::new())));
    }
}
