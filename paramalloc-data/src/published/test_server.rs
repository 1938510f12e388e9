//! A tiny HTTP server on 127.0.0.1 for tests of downloads.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// One request.
pub(crate) struct Request {
    pub(crate) path: String,
    /// First byte wanted, where the client asks for a range.
    pub(crate) range: Option<usize>,
}

/// What the server says before it closes the connection.
pub(crate) enum Reply {
    /// This content, all of it, even when a range was wanted.
    Whole(Vec<u8>),
    /// This content from the wanted byte on.
    Ranged(Vec<u8>),
    /// The header of this content from the wanted byte on, but only so many
    /// bytes of it.
    Cut(Vec<u8>, usize),
    /// As [`Reply::Cut`], without telling the length in the header.
    CutUnannounced(Vec<u8>, usize),
    /// A status without content.
    Status(u16),
}

/// Runs until it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    log: Arc<Mutex<Vec<String>>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start(mut answer: impl FnMut(&Request) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let log = Arc::new(Mutex::new(Vec::new()));
        let thread = thread::spawn({
            let (stop, log) = (stop.clone(), log.clone());
            move || {
                for stream in listener.incoming() {
                    if stop.load(Ordering::SeqCst) {
                        break;
                    }
                    let stream = stream.unwrap();
                    let request = read_request(&stream);
                    let range = request.range.map(|first| format!(" from {first}"));
                    log.lock()
                        .unwrap()
                        .push(request.path.clone() + &range.unwrap_or_default());
                    write_reply(&stream, &request, answer(&request));
                }
            }
        });
        Self {
            address,
            stop,
            log,
            thread: Some(thread),
        }
    }

    /// An address to append a file name to; `directory` is part of the path.
    pub(crate) fn mirror(&self, directory: &str) -> String {
        format!("http://{}/{directory}/", self.address)
    }

    /// The requests so far, as `PATH` or `PATH from BYTE`.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the thread from waiting for a connection.
        let woken = TcpStream::connect(self.address).is_ok();
        if let Some(thread) = self.thread.take().filter(|_| woken) {
            let ended = thread.join();
            assert!(ended.is_ok() || thread::panicking(), "the server panicked");
        }
    }
}

fn read_request(stream: &TcpStream) -> Request {
    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    let first = lines.next().unwrap();
    let path = first.split(' ').nth(1).unwrap().to_owned();
    let range = lines
        .take_while(|line| !line.is_empty())
        .find_map(|line| range_of(&line.to_lowercase()));
    Request { path, range }
}

fn range_of(header: &str) -> Option<usize> {
    let range = header.strip_prefix("range: bytes=")?;
    Some(range.strip_suffix('-').unwrap().parse().unwrap())
}

fn write_reply(mut stream: &TcpStream, request: &Request, reply: Reply) {
    let (content, first, sent, announced) = match reply {
        Reply::Whole(content) => (content, None, usize::MAX, true),
        Reply::Ranged(content) => (content, request.range, usize::MAX, true),
        Reply::Cut(content, sent) => (content, request.range, sent, true),
        Reply::CutUnannounced(content, sent) => (content, request.range, sent, false),
        Reply::Status(status) => {
            let head = format!("HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n");
            stream.write_all(head.as_bytes()).unwrap();
            return;
        }
    };
    let mut head = match first {
        None => "HTTP/1.1 200 OK\r\n".to_owned(),
        Some(first) => format!(
            "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {first}-{}/{}\r\n",
            content.len() - 1,
            content.len()
        ),
    };
    let rest = &content[first.unwrap_or(0)..];
    if announced {
        head += &format!("Content-Length: {}\r\n", rest.len());
    }
    // No `Connection: close`, and closed a little later: some servers do so.
    head += "\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    // The client may hang up when it has seen enough.
    let _ = stream.write_all(&rest[..sent.min(rest.len())]);
    thread::sleep(Duration::from_millis(20));
}
