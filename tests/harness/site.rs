//! A deployment as a browser meets it: the real binaries behind a port, and the development issuer beside them.

use crate::{runtime::variables, world::World};
use api::routes::GET_VIEWER;
use local::{
    binaries::Profile,
    child::Group,
    http_api,
    issuer::Issuer,
    lambda::{Functions, Limits},
};
use std::{
    fs::{self, File},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};
use tokio::{net::TcpListener, process::Command, task::JoinSet};

static SITES: AtomicUsize = AtomicUsize::new(0);

/// Binaries that answer as a world's functions do, until it is dropped.
pub struct Site {
    /// `http://…`, without a path.
    pub origin: String,
    /// Where somebody signs in.
    pub issuer: String,
    log: PathBuf,
    /// Goes before what serves: nobody is started any more.
    _group: Group,
    _serving: JoinSet<()>,
}

impl Site {
    /// With a client at the issuer.
    pub async fn of(world: &World) -> Self {
        Self::with(world, |issuer| Issuer::viewer(issuer).into()).await
    }

    /// With a page that asks for a token.
    pub async fn without_client(world: &World) -> Self {
        Self::with(world, |_| Vec::new()).await
    }

    /// With variables of its own, given where somebody would sign in at the development issuer.
    pub async fn with(world: &World, own: impl FnOnce(&str) -> Vec<(&'static str, String)>) -> Self {
        let any = || TcpListener::bind("127.0.0.1:0");
        let (listener, issuing) = (any().await.unwrap(), any().await.unwrap());
        let [origin, issuer] =
            [&listener, &issuing].map(|listener| format!("http://{}", listener.local_addr().unwrap()));
        let mut environment = variables(world, world.engine.endpoint());
        environment.extend(own(&issuer));

        let name = format!("site-{}-{}.log", std::process::id(), SITES.fetch_add(1, Relaxed));
        let log = std::env::temp_dir().join(name);
        let group = Group::new().unwrap();
        let id = group.id();
        let functions = Functions::new(File::create(&log).unwrap(), Limits::HERE, move |operation| {
            let mut command = Command::new(Profile::of_tests().binary(operation)?);
            command.env_clear().envs(environment.iter().map(|(name, value)| (name, value))).process_group(id);
            Ok(command)
        });
        let mut serving = JoinSet::new();
        serving.spawn(http_api::serve(listener, Arc::new(functions)));
        let (provider, page) = (Arc::clone(&world.issuer), origin.clone());
        serving.spawn(async move { provider.serve(issuing, &page).await.unwrap() });
        Self { origin, issuer, log, _group: group, _serving: serving }
    }

    /// The viewer at a place of its own, such as `#/c/…`.
    pub fn viewer(&self, place: &str) -> String {
        format!("{}{}{place}", self.origin, GET_VIEWER.path)
    }

    /// What the functions logged.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.log);
    }
}
