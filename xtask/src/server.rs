//! Turns the built host into a server on a free port with a store of its own, for tests; it ends with the guard.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::run::{self, Result};

/// A host in its dev build is up well within this.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running `gateleg serve`.
pub struct Server {
    child: Child,
    address: SocketAddr,
    folder: PathBuf,
}

impl Server {
    /// Serves `page`, and waits until the server answers.
    pub fn start(page: &Path) -> Result<Server> {
        // The port is free again when the listener is dropped; nothing else takes a port just given out.
        let address = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
        let folder = run::target().join(format!("xtask/server-{}", address.port()));
        fs::create_dir_all(&folder)?;
        let log = File::create(folder.join("log"))?;
        let child = Command::new(run::binary("debug", "gateleg"))
            .args(["serve", "--addr", &address.to_string(), "--data"])
            .arg(folder.join("tables.db"))
            .arg("--playground")
            .arg(page)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        let mut server = Server { child, address, folder };
        server.wait()?;
        Ok(server)
    }

    /// Where it answers.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    fn wait(&mut self) -> Result {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait()? {
                return Err(format!("`gateleg serve` ended ({status}):\n{}", self.log()).into());
            }
            if is_healthy(self.address) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Err(format!("`gateleg serve` did not answer within {PATIENCE:?}:\n{}", self.log()).into())
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing is left to tell if it is gone already.
        _ = self.child.kill();
        _ = self.child.wait();
        _ = fs::remove_dir_all(&self.folder);
    }
}

fn is_healthy(address: SocketAddr) -> bool {
    let ask = || {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        write!(stream, "GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
        let mut status = [0; 12];
        stream.read_exact(&mut status)?;
        Ok::<_, std::io::Error>(status)
    };
    ask().is_ok_and(|status| &status == b"HTTP/1.1 200")
}
