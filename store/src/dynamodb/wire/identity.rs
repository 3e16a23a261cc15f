//! Credentials, kept for as long as they are good, and renewed beside the requests and not in front of them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};

use super::signature::Signer;

/// From this long before they expire, credentials are renewed while they are still used.
const AHEAD: Duration = Duration::from_secs(5 * 60);

/// This close to their end they are not used any more: a request takes time to arrive.
const MARGIN: Duration = Duration::from_secs(10);

/// Who the requests are signed for.
#[derive(Clone, Debug)]
pub(super) struct Identities(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    provider: Option<SharedCredentialsProvider>,
    held: Mutex<Option<Arc<Signer>>>,
    /// Held by whoever fetches, so that one does it for all.
    fetching: tokio::sync::Mutex<()>,
}

impl Identities {
    pub(super) fn new(provider: Option<SharedCredentialsProvider>) -> Self {
        Identities(Arc::new(Inner { provider, held: Mutex::default(), fetching: tokio::sync::Mutex::default() }))
    }

    /// Credentials that can be used now. Those that will expire soon are renewed meanwhile.
    pub(super) async fn get(&self) -> Result<Arc<Signer>, String> {
        let Some(signer) = self.held(MARGIN) else { return self.fetch(MARGIN).await };
        if !lasts(&signer, AHEAD) && self.0.fetching.try_lock().is_ok() {
            let identities = self.clone();
            tokio::spawn(async move {
                if let Err(error) = identities.fetch(AHEAD).await {
                    tracing::warn!(error, "the credentials could not be renewed; they are used while they last");
                }
            });
        }
        Ok(signer)
    }

    /// Those that are held, if they are good for that long.
    fn held(&self, time: Duration) -> Option<Arc<Signer>> {
        let held = self.0.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.clone().filter(|signer| lasts(signer, time))
    }

    /// Fetches credentials, unless somebody did while this waited.
    async fn fetch(&self, time: Duration) -> Result<Arc<Signer>, String> {
        let _one_at_a_time = self.0.fetching.lock().await;
        if let Some(signer) = self.held(time) {
            return Ok(signer);
        }
        let provider = self.0.provider.as_ref().ok_or("there is nothing that provides credentials")?;
        let signer = Arc::new(Signer::new(provider.provide_credentials().await.map_err(super::text)?));
        *self.0.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&signer));
        Ok(signer)
    }
}

/// Whether the credentials are good for that long.
fn lasts(signer: &Signer, time: Duration) -> bool {
    signer.credentials().expiry().is_none_or(|end| end > SystemTime::now() + time)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use aws_credential_types::Credentials;
    use aws_credential_types::provider::{ProvideCredentials, error::CredentialsError, future};

    use super::*;

    /// Hands out credentials that are good for so many seconds, each with a number of its own; 0 is a failure.
    #[derive(Debug)]
    struct Numbered {
        seconds: Vec<u64>,
        given: AtomicU64,
    }

    impl ProvideCredentials for Numbered {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            let number = self.given.fetch_add(1, Ordering::Relaxed);
            let good = self.seconds.get(usize::try_from(number).unwrap()).copied().unwrap_or(0);
            future::ProvideCredentials::ready(if good == 0 {
                Err(CredentialsError::not_loaded("no more"))
            } else {
                let end = SystemTime::now() + Duration::from_secs(good);
                Ok(Credentials::new(format!("AKID{number}"), "secret", None, Some(end), "test"))
            })
        }
    }

    /// What five requests are signed with, each after what was begun before has come to its end.
    async fn check(seconds: &[u64], expected: [Result<&str, ()>; 5]) {
        let provider = Numbered { seconds: seconds.to_vec(), given: AtomicU64::new(0) };
        let identities = Identities::new(Some(SharedCredentialsProvider::new(provider)));
        for expected in expected {
            let found = identities.get().await;
            let key = found.as_ref().map(|signer| signer.credentials().access_key_id());
            assert_eq!(key.map_err(drop), expected, "{seconds:?}");
            tokio::task::yield_now().await;
            drop(identities.0.fetching.lock().await);
        }
    }

    #[tokio::test]
    async fn credentials_are_renewed_beside_requests_and_awaited_only_when_there_are_none() {
        check(&[3600], [Ok("AKID0"); 5]).await;
        check(&[60, 3600], [Ok("AKID0"), Ok("AKID0"), Ok("AKID1"), Ok("AKID1"), Ok("AKID1")]).await;
        check(&[5, 5, 3600], [Ok("AKID0"), Ok("AKID1"), Ok("AKID2"), Ok("AKID2"), Ok("AKID2")]).await;
        check(&[60], [Ok("AKID0"); 5]).await;
        check(&[5], [Ok("AKID0"), Err(()), Err(()), Err(()), Err(())]).await;
        check(&[], [Err(()); 5]).await;
    }
}
