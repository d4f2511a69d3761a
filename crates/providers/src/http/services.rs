//! Finds the servers that stand in DNS under the name of a service (SRV records, RFC 2782).

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use flowstone_core::{Error, Result};
use tokio::{net::UdpSocket, time::timeout};

use super::HttpClient;

/// How long a server of names may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// The number of the record that names servers.
const SRV: u16 = 33;

impl HttpClient {
    /// Names and ports of the servers of a service such as `_mongodb._tcp.example.com`, the preferred
    /// first. They must lie below the name that was asked for, as those who use this do.
    ///
    /// # Errors
    /// `Transport` where there are none or nobody answers.
    pub async fn services(&self, name: &str) -> Result<Vec<(String, u16)>> {
        let settings = tokio::fs::read_to_string("/etc/resolv.conf").await.unwrap_or_default();
        let question = question(name).ok_or_else(|| none(name))?;
        for server in servers(&settings) {
            let asked = timeout(PATIENCE, ask(server, &question)).await;
            let Ok(Ok(answer)) = asked else { continue };
            let mut found = read(&answer).unwrap_or_default();
            found.sort_by_key(|it| it.0);
            let parent = name.split('.').skip(3).collect::<Vec<_>>().join(".");
            let suffix = format!(".{}", parent.to_lowercase());
            found.retain(|it| it.1.to_lowercase().ends_with(&suffix));
            if !found.is_empty() {
                return Ok(found.into_iter().map(|(_, name, port)| (name, port)).collect());
            }
        }
        Err(none(name))
    }
}

fn none(name: &str) -> Error {
    Error::Transport(format!("the name service knows no servers of {name}"))
}

/// The machine's servers of names.
fn servers(settings: &str) -> Vec<SocketAddr> {
    let listed = settings.lines().filter_map(|it| it.trim().strip_prefix("nameserver"));
    let mut servers: Vec<SocketAddr> = listed
        .filter_map(|it| it.trim().parse::<IpAddr>().ok())
        .map(|it| SocketAddr::new(it, 53))
        .collect();
    if servers.is_empty() {
        servers.push(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 53));
    }
    servers
}

async fn ask(server: SocketAddr, question: &[u8]) -> std::io::Result<Vec<u8>> {
    let own: IpAddr = match server {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => std::net::Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((own, 0)).await?;
    socket.connect(server).await?;
    socket.send(question).await?;
    let mut answer = vec![0; 4096];
    loop {
        let length = socket.recv(&mut answer).await?;
        // What answers another question is not for us.
        if answer.get(..2) == question.get(..2) {
            answer.truncate(length);
            return Ok(answer);
        }
    }
}

/// The question for the records of a name; `None` where it is no name.
fn question(name: &str) -> Option<Vec<u8>> {
    use std::hash::{BuildHasher as _, Hasher as _, RandomState};
    let random = RandomState::new().build_hasher().finish().to_be_bytes();
    // A number, that the whole way is wanted, one question and one note.
    let mut message = vec![random[0], random[1], 1, 0, 0, 1, 0, 0, 0, 0, 0, 1];
    for label in name.trim_end_matches('.').split('.') {
        let length = u8::try_from(label.len()).ok().filter(|it| (1..=63).contains(it))?;
        message.push(length);
        message.extend(label.as_bytes());
    }
    message.push(0);
    message.extend(SRV.to_be_bytes());
    message.extend([0, 1]);
    // The note: answers of up to 4096 bytes are welcome.
    message.extend([0, 0, 41, 16, 0, 0, 0, 0, 0, 0, 0]);
    (name.len() <= 253).then_some(message)
}

/// Priority, name and port of each server in an answer.
fn read(message: &[u8]) -> Option<Vec<(u16, String, u16)>> {
    let number = |at: usize| Some(u16::from_be_bytes([*message.get(at)?, *message.get(at + 1)?]));
    let (questions, answers) = (number(4)?, number(6)?);
    let mut at = 12;
    for _ in 0..questions {
        at = name_at(message, at)?.1 + 4;
    }
    let mut found = Vec::new();
    for _ in 0..answers {
        at = name_at(message, at)?.1;
        let (kind, length) = (number(at)?, usize::from(number(at + 8)?));
        at += 10;
        if kind == SRV {
            found.push((number(at)?, name_at(message, at + 6)?.0, number(at + 4)?));
        }
        at += length;
    }
    Some(found)
}

/// The name at a place, and where what follows it begins.
fn name_at(message: &[u8], mut at: usize) -> Option<(String, usize)> {
    let (mut labels, mut end) = (Vec::new(), None);
    // A name that leads back to itself has no end.
    for _ in 0..128 {
        let length = usize::from(*message.get(at)?);
        match length {
            0 => return Some((labels.join("."), end.unwrap_or(at + 1))),
            1..64 => {
                let label = message.get(at + 1..at + 1 + length)?;
                labels.push(String::from_utf8_lossy(label).into_owned());
                at += 1 + length;
            }
            192.. => {
                end.get_or_insert(at + 2);
                at = (length - 192) * 256 + usize::from(*message.get(at + 1)?);
            }
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read_with_names_that_refer_to_others() {
        let mut message = question("_a._tcp.example.com").unwrap();
        message.truncate(message.len() - 11);
        message[7] = 2;
        for (priority, port, label) in [(2_u8, 1_u8, b'y'), (1, 2, b'x')] {
            // The name of the question, its kind and class, a life, nine bytes and more.
            message.extend([192, 12, 0, 33, 0, 1, 0, 0, 0, 60, 0, 10]);
            // "example.com" stands after "_a" and "_tcp" in the question.
            message.extend([0, priority, 0, 0, 0, port, 1, label, 192, 20]);
        }
        let found = read(&message).unwrap();
        let expected = [(2, "y.example.com".to_owned(), 1), (1, "x.example.com".to_owned(), 2)];
        assert_eq!(found, expected);
        for cut in 0..message.len() {
            let _ = read(&message[..cut]);
        }
        // A name that refers to itself.
        let mut odd = message.clone();
        odd[12] = 192;
        odd[13] = 12;
        assert_eq!(read(&odd), None);
    }

    #[test]
    fn only_names_are_asked_for() {
        assert!(question("").is_none() && question("a..b").is_none());
        assert!(question(&"a".repeat(64)).is_none());
        let listed = servers("# by hand\nnameserver 9.9.9.9\nnameserver x\nsearch example.com\n");
        assert_eq!(listed, ["9.9.9.9:53".parse().unwrap()]);
    }
}
