//! What the mock is told before it starts, and why it may refuse to.

use crate::data::ImportError;
use crate::file::FileError;
use crate::store::{Store, StoreError};
use crate::{Breach, ClientEntry, Defect, FaultRule, JournalConfig, Keys, Tls, Way};
use specs::catalogue::Profile;
use specs::document::DocumentError;
use specs::schema::SchemaError;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// How to run a [`crate::MockServer`].
#[derive(Debug, Clone)]
pub struct Config {
    /// The profiles to serve, each below its base path; a single one is served at the root as well.
    pub profiles: Vec<Profile>,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// With which certificate, where connections are secured.
    pub tls: Option<Tls>,
    /// How many people each registry holds.
    pub records: usize,
    /// A file of records, JSON Lines or CSV, that one registry holds instead of these people; read again when it
    /// changes.
    pub data: Option<PathBuf>,
    /// Where transactions, subscriptions, changed records and callbacks that are due are kept.
    pub store: Store,
    /// What all that is generated derives from.
    pub seed: u64,
    /// The violations to commit.
    pub defects: Vec<Defect>,
    /// The clauses of the documents to disregard.
    pub breaches: Vec<Breach>,
    /// The other readings to take, besides those that the profiles prefer.
    pub readings: Vec<Way>,
    /// The keys of the exchange; the receiver's also signs access tokens.
    pub keys: Keys,
    /// How long an access token gives access; fractions of a second count.
    pub token_lifetime: Duration,
    /// Who may obtain a token, besides the demonstration client.
    pub clients: Vec<ClientEntry>,
    /// Whether each client has a registry of its own: records, events, subscriptions, transactions, mailbox. The
    /// demonstration client has the one that needs no name.
    pub isolate: bool,
    /// Hosts and networks (`10.0.0.0/8`) that may be called back, besides the loopback interface. A name that
    /// leads into a private network is called only where that network is named as well.
    pub allow_callback: Vec<String>,
    /// How long after the acknowledgement a callback is sent.
    pub callback_delay: Duration,
    /// Pauses before a callback is sent again that did not arrive, where its receiver asks for no other pause.
    pub callback_pauses: Vec<Duration>,
    /// What is done to which exchanges, to begin with.
    pub faults: Vec<FaultRule>,
    /// A file of further rules, as the control API takes them; read again when it changes.
    pub faults_file: Option<PathBuf>,
    /// A file of events that happen by themselves, each at its time; read again when it changes.
    pub timeline: Option<PathBuf>,
    /// How much of what happens is kept, and where.
    pub journal: JournalConfig,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            profiles: Vec::new(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            tls: None,
            records: 200,
            data: None,
            store: Store::Memory,
            seed: 1,
            defects: Vec::new(),
            breaches: Vec::new(),
            readings: Vec::new(),
            keys: Keys::demo(),
            token_lifetime: Duration::from_secs(600),
            clients: Vec::new(),
            isolate: false,
            allow_callback: Vec::new(),
            callback_delay: Duration::from_millis(10),
            callback_pauses: [100, 300, 1000, 3000, 10_000].map(Duration::from_millis).to_vec(),
            faults: Vec::new(),
            faults_file: None,
            timeline: None,
            journal: JournalConfig::default(),
        }
    }
}

/// Why the mock does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There is nothing to serve.
    #[error("no profile was chosen; name at least one")]
    NoProfile,
    /// Two profiles want the same address.
    #[error("`{first}` and `{second}` would both be served at {path}; serve them from two mocks")]
    SameAddress {
        /// The profile that was first.
        first: String,
        /// The profile that came after it.
        second: String,
        /// The path that both want.
        path: String,
    },
    /// A defect that no chosen profile can show.
    #[error("the defect `{}` exists only under {}, which is not served", defect.id(), defect.profiles().join(", "))]
    IdleDefect {
        /// The defect.
        defect: Defect,
    },
    /// An alternative of a reading that no chosen profile can show.
    #[error("nothing of the reading `{}` can be seen under the profiles that are served", way.id())]
    IdleReading {
        /// The reading and its alternative.
        way: Way,
    },
    /// Two alternatives of one reading.
    #[error("`{}` and `{}` are alternatives of one reading; take one of them", first.id(), second.id())]
    TwoAlternatives {
        /// The alternative that was first.
        first: Way,
        /// The one that came after it.
        second: Way,
    },
    /// A fault for a profile that is not served.
    #[error("a fault is meant for `{profile}`, which is not served")]
    IdleFault {
        /// The profile that it names.
        profile: String,
    },
    /// A profile names an operation that the mock does not know.
    #[error("the mock does not serve the operation `{operation}` of `{profile}`")]
    UnknownOperation {
        /// The profile.
        profile: String,
        /// The operation's id.
        operation: String,
    },
    /// A profile's data does not fit what the mock needs of it.
    #[error("failed to serve `{profile}`: {message}")]
    UnfitProfile {
        /// The profile.
        profile: String,
        /// What is wrong.
        message: String,
    },
    /// A document cannot be read.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// A request schema of a document cannot be compiled.
    #[error("failed to read the request of `{operation}` in {document}: {source}")]
    Schema {
        /// The document.
        document: String,
        /// The operation's id.
        operation: String,
        /// Why not.
        source: SchemaError,
    },
    /// The records of a file have the form of one registry.
    #[error("a file of records is for one registry; serve it from a mock of one profile")]
    DataForSeveral,
    /// A file of records cannot be used.
    #[error(transparent)]
    Data(#[from] ImportError),
    /// A file of faults or of events cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A client cannot be what it is said to be.
    #[error("failed to register the client `{client}`: {message}")]
    Client {
        /// Its id.
        client: String,
        /// What is wrong with it.
        message: String,
    },
    /// A client is known to no profile.
    #[error("the client `{client}` is meant for `{profile}`, which is not served")]
    IdleClient {
        /// Its id.
        client: String,
        /// The profile that it names.
        profile: String,
    },
    /// The journal's file cannot be opened.
    #[error("failed to open the journal's file")]
    Journal(#[source] std::io::Error),
    /// What is allowed to be called is neither a host nor a network.
    #[error("failed to read a host that may be called back: {0}")]
    AllowCallback(String),
    /// The client for callbacks cannot be built.
    #[error("failed to prepare callbacks")]
    Callbacks(#[source] reqwest::Error),
    /// The address cannot be listened on.
    #[error("failed to listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
}
