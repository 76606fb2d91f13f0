//! Certificates of professionals (HPKI, 保健医療福祉分野の公開鍵基盤): read, checked, and what qualification they state
//! (`decisions/0031-licence.md`).
//!
//! What must hold: a certificate counts only by a chain of signatures to an anchor that the operator named, at the moment
//! that is given, each link on a list of revocations that is new enough; what is not understood and marked as critical is
//! refused; SHA-1 and MD5 are never believed; every input has an upper bound. Nothing here reads a clock or asks a network.

mod asn1;
mod certificate;
mod cms;
mod crl;
mod folder;
mod path;
mod role;
mod signature;

pub use certificate::Certificate;
pub(crate) use cms::Signed;
pub use folder::{FolderFault, Licences, Rules, Trust};
pub use role::{Qualification, Table};

/// Longest certificate, in bytes.
pub const CERTIFICATE_MOST: usize = 16 * 1024;
/// Longest file with a signature that is taken, in bytes; as text it is a third more.
pub const SIGNED_MOST: usize = 128 * 1024;

/// Why a certificate, or what is signed with it, does not count. The texts say nothing of whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It is not of the form.
    #[error("it is no certificate, or no signature, in DER or PEM, or too large")]
    Form,
    /// It is signed in a way that is not believed.
    #[error(
        "it is signed in a way that is not taken: RSA of 2,048 to 4,096 bits or ECDSA on P-256 or P-384, with SHA-256, 384 or 512"
    )]
    Algorithm,
    /// No anchor of the operator's leads to it.
    #[error("no authority that is named here has issued it")]
    Issuer,
    /// It, or a certificate above it, is not valid yet.
    #[error("it is not valid yet")]
    Early,
    /// It, or a certificate above it, is valid no more.
    #[error("it has expired")]
    Expired,
    /// A certificate is used for what it is not.
    #[error("a certificate of the chain may not be used for this (basicConstraints, keyUsage)")]
    Constraint,
    /// It says something critical that is not understood.
    #[error("it has a critical extension that is not understood")]
    Critical,
    /// It is not issued under a policy that is accepted.
    #[error("it is not issued under a policy that is accepted here")]
    Policy,
    /// It was revoked.
    #[error("it was revoked")]
    Revoked,
    /// It is held for now.
    #[error("it is suspended by its authority (certificateHold)")]
    Held,
    /// There is no list of revocations for it, or none that counts.
    #[error("there is no list of revocations for it here; nothing can be said")]
    NoList,
    /// The newest list of revocations is too old, or not yet good.
    #[error("the newest list of revocations is too old; nothing can be said")]
    ListOld,
    /// The signature is not the certificate's.
    #[error("the signature does not hold")]
    Signature,
    /// Something else was signed.
    #[error("another text was signed")]
    Text,
    /// It states no qualification that is known.
    #[error("it states no qualification that is known here")]
    Unqualified,
    /// It states another qualification than the role needs.
    #[error("its qualification is not that of the role")]
    Role,
    /// It is another person's.
    #[error("the certificate is another person's")]
    Taken,
    /// The name on it is not the person's as the roster has it, and nobody has confirmed that it is theirs.
    #[error("the name on it is another than on the roster; a registrar confirms it")]
    Name,
    /// None was shown.
    #[error("no certificate was shown")]
    Missing,
}
