use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use ureq::Agent;

use crate::error::DataError;
use crate::files::sha256_hex;
use crate::observer::{Download, Observer};

use super::test_server::{Reply, Request, Server};
use super::*;

/// Content that no transfer delivers in one piece.
fn content() -> Vec<u8> {
    (0..200_000_u32)
        .map(|i| (i.wrapping_mul(i) >> 7) as u8)
        .collect()
}

/// A downloader that ignores the proxies of the machine it is tested on.
pub(crate) fn downloader() -> Downloader {
    Downloader::new(Agent::config_builder().proxy(None))
}

struct Setting {
    _cache: TempDir,
    cache_path: PathBuf,
    content: Vec<u8>,
    said: Vec<String>,
}

impl Setting {
    fn new() -> Self {
        let cache = tempfile::tempdir().unwrap();
        Self {
            cache_path: cache.path().to_owned(),
            _cache: cache,
            content: content(),
            said: Vec::new(),
        }
    }

    fn target(&self) -> PathBuf {
        self.cache_path.join("blob/blob.bin")
    }

    fn part(&self) -> PathBuf {
        self.cache_path.join("blob/blob.bin.part")
    }

    /// Leaves a part as an interrupted run does.
    fn leave_part(&self, bytes: &[u8]) {
        fs::create_dir_all(self.part().parent().unwrap()).unwrap();
        fs::write(self.part(), bytes).unwrap();
    }

    fn load(
        &mut self,
        locations: &Locations,
        mirrors: &[&str],
    ) -> Result<Loaded<Vec<u8>>, DataError> {
        let sha256 = sha256_hex(&self.content);
        let files = [PublishedFile {
            name: "blob.bin",
            bytes: self.content.len() as u64,
            sha256: &sha256,
            unpacked_sha256: None,
        }];
        let dataset = PublishedDataset {
            name: "Blob",
            directory: "blob",
            files: &files,
            mirrors,
        };
        load(
            &dataset,
            locations,
            &downloader(),
            |files| Ok(files[0].bytes.clone()),
            &mut |line: &str| self.said.push(line.to_owned()),
        )
    }

    /// Loads by way of the cache, which must work, and checks that only the
    /// whole file is left.
    fn download(&mut self, mirrors: &[String]) {
        let loaded = self.try_download(mirrors).unwrap();
        assert_eq!(loaded.content, self.content);
        assert_eq!(loaded.sums["blob/blob.bin"], sha256_hex(&self.content));
        assert_eq!(fs::read(self.target()).unwrap(), self.content);
        assert!(!self.part().exists());
    }

    fn try_download(&mut self, mirrors: &[String]) -> Result<Loaded<Vec<u8>>, DataError> {
        let locations = Locations {
            cache: Some(self.cache_path.clone()),
            ..Locations::default()
        };
        let mirrors: Vec<&str> = mirrors.iter().map(String::as_str).collect();
        self.load(&locations, &mirrors)
    }
}

fn damaged(mut content: Vec<u8>) -> Vec<u8> {
    content[1000] ^= 1;
    content
}

/// A server whose first answer is `first`, and which resumes from then on.
fn server_after(first: impl Fn(Vec<u8>) -> Reply + Send + 'static) -> Server {
    let count = AtomicUsize::new(0);
    Server::start(
        move |_: &Request| match count.fetch_add(1, Ordering::SeqCst) {
            0 => first(content()),
            _ => Reply::Ranged(content()),
        },
    )
}

#[test]
fn a_good_file_is_downloaded_once() {
    let server = Server::start(|_| Reply::Whole(content()));
    let mut setting = Setting::new();
    setting.download(&[server.mirror("a")]);
    setting.download(&[server.mirror("a")]);
    assert_eq!(server.requests(), ["/a/blob.bin"]);
}

#[test]
fn a_wrong_sum_leads_to_the_next_mirror() {
    let server = Server::start(|request| match request.path.starts_with("/bad/") {
        true => Reply::Whole(damaged(content())),
        false => Reply::Ranged(content()),
    });
    let mut setting = Setting::new();
    setting.download(&[server.mirror("bad"), server.mirror("good")]);
    assert_eq!(server.requests(), ["/bad/blob.bin", "/good/blob.bin"]);
}

#[test]
fn a_truncated_transfer_is_resumed() {
    let server = server_after(|content| Reply::Cut(content, 150_000));
    let mut setting = Setting::new();
    setting.download(&[server.mirror("a")]);
    assert_eq!(
        server.requests(),
        ["/a/blob.bin", "/a/blob.bin from 150000"]
    );
}

#[test]
fn a_truncated_transfer_of_unknown_length_is_resumed() {
    let server = server_after(|content| Reply::CutUnannounced(content, 150_000));
    let mut setting = Setting::new();
    setting.download(&[server.mirror("a")]);
    assert_eq!(
        server.requests(),
        ["/a/blob.bin", "/a/blob.bin from 150000"]
    );
}

#[test]
fn an_interrupted_run_is_resumed() {
    let server = Server::start(|_| Reply::Ranged(content()));
    let mut setting = Setting::new();
    setting.leave_part(&content()[..70_000]);
    setting.download(&[server.mirror("a")]);
    assert_eq!(server.requests(), ["/a/blob.bin from 70000"]);
}

#[test]
fn a_whole_part_only_wants_its_name() {
    let mut setting = Setting::new();
    setting.leave_part(&content());
    let server = Server::start(|_| Reply::Status(500));
    setting.download(&[server.mirror("a")]);
    assert!(server.requests().is_empty());
}

#[test]
fn a_server_without_ranges_starts_again() {
    let server = Server::start(|_| Reply::Whole(content()));
    let mut setting = Setting::new();
    setting.leave_part(&content()[..70_000]);
    setting.download(&[server.mirror("a")]);
    assert_eq!(server.requests(), ["/a/blob.bin from 70000"]);
}

#[test]
fn a_refused_range_starts_again() {
    let server = server_after(|_| Reply::Status(416));
    let mut setting = Setting::new();
    setting.leave_part(&content()[..70_000]);
    setting.download(&[server.mirror("a")]);
    assert_eq!(server.requests(), ["/a/blob.bin from 70000", "/a/blob.bin"]);
}

#[test]
fn a_damaged_part_starts_again() {
    let server = Server::start(|_| Reply::Ranged(content()));
    let mut setting = Setting::new();
    setting.leave_part(&damaged(content())[..70_000]);
    setting.download(&[server.mirror("a")]);
    assert_eq!(server.requests(), ["/a/blob.bin from 70000", "/a/blob.bin"]);
}

/// The bytes that each report of progress names; `None` where a download ended.
#[derive(Default)]
struct Reports(Vec<Option<u64>>);

impl Observer for Reports {
    fn message(&mut self, _: &str) {}

    fn progress(&mut self, download: &Download<'_>) {
        assert_eq!((download.file, download.total), ("blob.bin", 200_000));
        self.0.push(Some(download.received));
    }

    fn download_ended(&mut self) {
        self.0.push(None);
    }
}

#[test]
fn progress_is_reported_from_what_is_stored_to_the_end() {
    let server = Server::start(|_| Reply::Ranged(content()));
    let setting = Setting::new();
    setting.leave_part(&content()[..70_000]);
    let sha256 = sha256_hex(&content());
    let file = PublishedFile {
        name: "blob.bin",
        bytes: 200_000,
        sha256: &sha256,
        unpacked_sha256: None,
    };
    let mirror = server.mirror("a");
    let dataset = PublishedDataset {
        name: "Blob",
        directory: "blob",
        files: &[file],
        mirrors: &[&mirror],
    };
    let mut reports = Reports::default();
    let directory = setting.cache_path.join("blob");
    let downloaded = downloader().download(&dataset, &file, &directory, &mut reports);
    downloaded.unwrap();
    let received = reports.0;
    assert_eq!(received[0], Some(70_000));
    assert_eq!(received[received.len() - 2..], [Some(200_000), None]);
    assert!(received[..received.len() - 1].is_sorted());
}

#[test]
fn a_damaged_file_in_the_cache_is_named_and_downloaded_anew() {
    let server = Server::start(|_| Reply::Whole(content()));
    let mut setting = Setting::new();
    setting.leave_part(&[]);
    fs::write(setting.target(), damaged(content())).unwrap();
    setting.download(&[server.mirror("a")]);
    assert!(
        setting.said[0].contains("blob.bin is damaged"),
        "{:?}",
        setting.said
    );
}

#[test]
fn a_page_of_another_length_is_refused_before_it_is_stored() {
    let server = Server::start(|_| Reply::Whole(b"<html>please log in</html>".to_vec()));
    let mut setting = Setting::new();
    setting.leave_part(&content()[..70_000]);
    let error = setting.try_download(&[server.mirror("a")]).unwrap_err();
    let message = error.to_string();
    assert!(
        message.contains("has 26 bytes instead of 200000"),
        "{message}"
    );
    assert_eq!(fs::read(setting.part()).unwrap(), content()[..70_000]);
}

#[test]
fn when_all_fail_every_mirror_is_named_and_nothing_is_left() {
    let server = Server::start(|request| match request.path.starts_with("/bad/") {
        true => Reply::Whole(damaged(content())),
        false => Reply::Status(404),
    });
    let mut setting = Setting::new();
    let mirrors = [server.mirror("none"), server.mirror("bad")];
    let error = setting.try_download(&mirrors).unwrap_err();
    assert!(error.is_out_of_reach());
    let message = error.to_string();
    for part in [
        "blob.bin cannot be downloaded from",
        "/none/ (HTTP status 404)",
        "/bad/ (the SHA-256 is not the published one)",
        "--data-dir",
    ] {
        assert!(message.contains(part), "no `{part}` in: {message}");
    }
    assert!(!setting.target().exists() && !setting.part().exists());
}

#[test]
fn mirrors_that_fail_alike_share_one_reason() {
    let server = Server::start(|_| Reply::Status(404));
    let mirrors = [server.mirror("a"), server.mirror("b")];
    let message = Setting::new()
        .try_download(&mirrors)
        .unwrap_err()
        .to_string();
    let joined = format!("from {} or {} (HTTP status 404);", mirrors[0], mirrors[1]);
    assert!(message.contains(&joined), "{message}");
}

#[test]
fn two_processes_download_a_file_once() {
    let server = Server::start(|_| {
        thread::sleep(Duration::from_millis(200));
        Reply::Whole(content())
    });
    let setting = Setting::new();
    let download = || {
        let mut own = Setting::new();
        own.cache_path = setting.cache_path.clone();
        own.download(&[server.mirror("a")]);
    };
    thread::scope(|scope| {
        scope.spawn(download);
        scope.spawn(download);
    });
    assert_eq!(server.requests(), ["/a/blob.bin"]);
}

#[test]
fn without_a_server_the_failure_comes_fast() {
    // A port that was free a moment ago: connections are refused.
    let mirror = Server::start(|_| Reply::Status(500)).mirror("a");
    let started = Instant::now();
    let error = Setting::new().try_download(&[mirror]).unwrap_err();
    assert!(error.is_out_of_reach(), "{error}");
    assert!(started.elapsed().as_secs() < 5);
}

#[test]
fn directories_are_looked_into_in_order() {
    let mut setting = Setting::new();
    let [first, second] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let locations = Locations {
        data_dir: Some(first.path().to_owned()),
        environment: Some(second.path().to_owned()),
        cache: None,
    };
    let error = setting.load(&locations, &[]).unwrap_err();
    assert!(matches!(error, DataError::NoCacheDirectory { .. }));

    for (directory, bytes) in [(&second, "second"), (&first, "first")] {
        fs::create_dir(directory.path().join("blob")).unwrap();
        fs::write(directory.path().join("blob/blob.bin"), bytes).unwrap();
        let loaded = setting.load(&locations, &[]).unwrap();
        assert_eq!(loaded.content, bytes.as_bytes());
        // Taken although it is not the published file, with one warning.
        let warnings = setting
            .said
            .iter()
            .filter(|line| line.starts_with("warning"));
        assert_eq!(warnings.count(), 1, "{:?}", setting.said);
        setting.said.clear();
    }
}

#[test]
fn a_data_dir_that_is_no_directory_is_an_error() {
    let mut setting = Setting::new();
    let locations = Locations {
        data_dir: Some(setting.cache_path.join("absent")),
        ..Locations::default()
    };
    let message = setting.load(&locations, &[]).unwrap_err().to_string();
    assert!(message.ends_with("absent is not a directory"), "{message}");
}
