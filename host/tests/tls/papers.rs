//! Certificates and keys as files.

use std::sync::atomic::{AtomicU32, Ordering};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, SignatureAlgorithm, date_time_ymd};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use crate::common::Folder;

/// Somebody who vouches for certificates.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub certificate: CertificateDer<'static>,
    pub pem: String,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("authority {}", COUNT.fetch_add(1, Ordering::Relaxed));
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Authority { certificate: certificate.der().clone(), pem: certificate.pem(), issuer: Issuer::new(params, key) }
    }

    /// A certificate with its key, both as PEM.
    pub fn issue(&self, key: &KeyPair, names: &[&str], until: i32) -> String {
        params(names, until).signed_by(key, &self.issuer).unwrap().pem()
    }

    /// Writes a certificate for this machine and its key: the paths of both.
    pub fn files(&self, folder: &Folder) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let certificate = self.issue(&key, &["localhost", "127.0.0.1"], 2999);
        (folder.file("cert.pem", &certificate), folder.secret("key.pem", &key.serialize_pem()))
    }
}

/// A certificate that vouches for itself.
pub fn self_signed(key: &KeyPair, names: &[&str]) -> String {
    params(names, 2999).self_signed(key).unwrap().pem()
}

fn params(names: &[&str], until: i32) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| name.to_string()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.not_before = date_time_ymd(2000, 1, 1);
    params.not_after = date_time_ymd(until, 1, 1);
    params
}

pub fn key(algorithm: &'static SignatureAlgorithm) -> KeyPair {
    KeyPair::generate_for(algorithm).unwrap()
}

/// The same key as it was written before PKCS#8: what stands in that at the end.
pub fn bare(key: &KeyPair, label: &str) -> String {
    let pkcs8 = key.serialize_der();
    // A version, the algorithm, and then the key as octets, each of which begins with a kind and a length.
    let (_, _, whole) = value(&pkcs8);
    let (_, rest, _) = value(whole);
    let (_, rest, _) = value(rest);
    let (kind, _, key) = value(rest);
    assert_eq!(kind, 4);
    let text = gateleg_core::attribute::base64_text(key);
    format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")
}

/// The kind of the first value, what comes after it, and what is in it.
fn value(der: &[u8]) -> (u8, &[u8], &[u8]) {
    let (length, start) = match der[1] {
        short @ 0..=0x7f => (usize::from(short), 2),
        long => {
            let bytes = &der[2..2 + usize::from(long & 0x7f)];
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), 2 + bytes.len())
        }
    };
    (der[0], &der[start + length..], &der[start..start + length])
}

pub fn read(pem: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()
}
