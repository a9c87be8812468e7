//! Files that are read whole: regular ones, up to a size. A pipe, a device or a socket behind a name would be waited for, or
//! read, without end. Knows nothing of what is in them.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;

/// What somebody hands over: documents, cases, records, settings.
pub const LARGEST: u64 = 256 << 20;

/// Reads a regular file of at most `most` bytes; a link to one counts.
///
/// # Errors
/// It cannot be read, is no regular file, or is larger.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    open(path, most, Metadata::is_file)
}

/// Reads what somebody names on the command line: as [`read`], or a pipe, which a shell puts in a file's place
/// (`<(command)`). Whoever names a pipe waits for what comes out of it, up to the size.
///
/// # Errors
/// As [`read`].
pub fn read_named(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    open(path, most, |found| found.is_file() || what(found) == "a pipe")
}

fn open(path: &Path, most: u64, fits: impl Fn(&Metadata) -> bool) -> io::Result<Vec<u8>> {
    // Asked before it is opened: opening a pipe waits for somebody at its other end.
    let found = std::fs::metadata(path)?;
    if !fits(&found) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("it is {}, and no regular file", what(&found)),
        ));
    }
    if found.len() > most {
        return Err(too_large(most));
    }
    read_from(File::open(path)?, most)
}

/// The same, as text.
///
/// # Errors
/// As [`read`], or it is not UTF-8.
pub fn read_text(path: &Path, most: u64) -> io::Result<String> {
    let not_text = |_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8");
    String::from_utf8(read(path, most)?).map_err(not_text)
}

/// Reads to the end of what has no size beforehand, such as standard input.
///
/// # Errors
/// It cannot be read, or there is more than `most` bytes.
pub fn read_from(from: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(too_large(most)) } else { Ok(bytes) }
}

fn too_large(most: u64) -> io::Error {
    let text = match most >> 20 {
        0 => format!("it is larger than {most} bytes"),
        mib => format!("it is larger than {mib} MiB"),
    };
    io::Error::new(io::ErrorKind::FileTooLarge, text)
}

/// What stands behind a name, in words.
pub fn what(found: &Metadata) -> &'static str {
    let kind = found.file_type();
    if kind.is_file() {
        return "a regular file";
    }
    if kind.is_dir() {
        return "a folder";
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return "a pipe";
        }
        if kind.is_char_device() || kind.is_block_device() {
            return "a device";
        }
        if kind.is_socket() {
            return "a socket";
        }
    }
    "something else"
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{read, read_from, read_text};

    #[test]
    fn a_regular_file_up_to_the_size_is_read_and_nothing_else_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "12345").unwrap();
        assert_eq!(read_text(&path, 5).unwrap(), "12345");
        assert!(read(&path, 4).unwrap_err().to_string().contains("larger than 4 bytes"));
        assert!(read(folder.path(), 9).unwrap_err().to_string().contains("a folder"));
        assert!(read(Path::new("/dev/zero"), 9).unwrap_err().to_string().contains("a device"));
        assert!(read_from(std::io::repeat(0), 9).unwrap_err().to_string().contains("larger"));
        std::fs::write(&path, [0xFF]).unwrap();
        assert!(read_text(&path, 5).unwrap_err().to_string().contains("UTF-8"));
    }
}
