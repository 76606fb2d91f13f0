//! Certificates of professionals: chains, lists and every attack on them.

use tsumugi_kernel::Instant;
use tsumugi_signin::hpki::{Certificate, Fault, Licences, Table};

use crate::{
    authority::{self, Authority, DAY, POLICY, Pair, Said, pem},
    house::NOW,
};

/// A root, an authority below it, and a physician's certificate of it.
pub struct Pki {
    pub root: Authority,
    pub middle: Authority,
    pub own: Pair,
    folder: tempfile::TempDir,
}

pub const MIDDLE: &str = "HPKI-01-Test-forNonRepudiation";

impl Pki {
    pub fn new() -> Self {
        let root = Authority::root(NOW, "MHLW HPKI Root CA Test", Pair::ec(11));
        let middle = root.below(&Said::authority(NOW, MIDDLE, Some(0)), Pair::ec(12));
        let pki = Self { root, middle, own: Pair::ec(13), folder: tempfile::tempdir().unwrap() };
        pki.file("hpki.json", format!("{{\"roles\": [\"physician\"], \"policies\": [\"{POLICY}\"]}}").as_bytes());
        pki.file("anchors/root.pem", pem("CERTIFICATE", &pki.root.certificate).as_bytes());
        pki.file("crls/root.crl", &pki.root.list(&[], ago(30), ahead(60), &[]));
        pki.revoked(&[]);
        pki
    }

    pub fn path(&self) -> std::path::PathBuf {
        self.folder.path().to_owned()
    }

    pub fn file(&self, name: &str, bytes: &[u8]) {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    /// A new list of the authority.
    pub fn revoked(&self, revoked: &[(&[u8], Option<u8>)]) {
        self.file("crls/middle.crl", &self.middle.list(revoked, ago(1), ahead(2), &[]));
    }

    pub fn said(&self) -> Said {
        Said::person(NOW, "Medical Doctor")
    }

    pub fn chain(&self, said: &Said) -> Vec<Vec<u8>> {
        vec![self.middle.issue(said, &self.own), self.middle.certificate.clone()]
    }

    /// What the check says of a chain now.
    pub fn check(&self, chain: &[Vec<u8>]) -> Result<Vec<&'static str>, Fault> {
        self.check_at(chain, NOW)
    }

    pub fn check_at(&self, chain: &[Vec<u8>], now: Instant) -> Result<Vec<&'static str>, Fault> {
        let chain = chain.iter().map(|der| Certificate::read(der)).collect::<Result<Vec<_>, _>>()?;
        let trust = Licences::open(self.path()).unwrap().trust().unwrap();
        Ok(trust.check(&chain, now)?.into_iter().map(|stated| stated.code.as_str()).collect())
    }

    fn said_to_be(&self, change: impl FnOnce(&mut Said)) -> Result<Vec<&'static str>, Fault> {
        let mut said = self.said();
        change(&mut said);
        self.check(&self.chain(&said))
    }
}

pub fn ago(days: i64) -> Instant {
    Instant(NOW.0 - days * DAY)
}

pub fn ahead(days: i64) -> Instant {
    Instant(NOW.0 + days * DAY)
}

#[test]
fn a_physicians_certificate_is_believed_and_read() {
    let pki = Pki::new();
    let chain = pki.chain(&pki.said());
    assert_eq!(pki.check(&chain), Ok(vec!["Medical Doctor"]));
    let own = Certificate::read(&chain[0]).unwrap();
    assert_eq!((own.serial().as_str(), own.issuer_name()), ("015e", MIDDLE));
    assert_eq!(own.names(), ["岡田　学", "Manabu Okada"]);
    // The authority may stand in the operator's folder instead of in the message.
    assert_eq!(pki.check(&chain[..1]), Err(Fault::Issuer));
    pki.file("between/middle.der", &pki.middle.certificate);
    assert_eq!(pki.check(&chain[..1]), Ok(vec!["Medical Doctor"]));
    let both = pki.said_to_be(|said| said.qualifications = vec!["Pharmacist", "Medical Doctor", "Wizard"]);
    assert_eq!(both, Ok(vec!["Medical Doctor", "Pharmacist"]));
}

#[test]
fn rsa_is_believed_as_well() {
    let pki = Pki::new();
    let middle = pki.root.below(&Said::authority(NOW, "RSA", Some(0)), Pair::rsa(1));
    pki.file("crls/rsa.crl", &middle.list(&[], ago(1), ahead(2), &[]));
    let own = Pair::rsa(2);
    let chain = [middle.issue(&pki.said(), &own), middle.certificate.clone()];
    assert_eq!(pki.check(&chain), Ok(vec!["Medical Doctor"]));
    // A key of another kind than the signature says.
    let mut confused = pki.said();
    confused.algorithm = Some("1.2.840.10045.4.3.2");
    assert_eq!(pki.check(&[middle.issue(&confused, &own), middle.certificate.clone()]), Err(Fault::Issuer));
    for bad in ["1.2.840.113549.1.1.5", "1.2.840.113549.1.1.4", "1.2.840.10045.4.1", "1.2.840.113549.1.1.10"] {
        confused.algorithm = Some(Box::leak(bad.to_owned().into_boxed_str()));
        assert_eq!(pki.check(&[middle.issue(&confused, &own), middle.certificate.clone()]), Err(Fault::Algorithm));
    }
    let message = authority::Message {
        certificates: &chain,
        issuer: "RSA",
        serial: &[1, 94],
        pair: &own,
        attached: true,
        attributes: true,
        hash: authority::HASH,
    };
    assert!(!message.over(b"text").is_empty());
}

#[test]
fn a_self_made_authority_of_the_same_name_issues_nothing() {
    let pki = Pki::new();
    let other = Authority::root(NOW, &pki.root.subject, Pair::ec(21));
    let middle = other.below(&Said::authority(NOW, MIDDLE, Some(0)), Pair::ec(12));
    let own = middle.issue(&pki.said(), &pki.own);
    assert_eq!(pki.check(&[own.clone(), middle.certificate.clone(), other.certificate]), Err(Fault::Issuer));
    // Its key named as the real one's changes nothing, and neither does the real one beside it.
    assert_eq!(pki.check(&[own, pki.root.certificate.clone()]), Err(Fault::Issuer));
    let straight = Authority { pair: Pair::ec(22), ..pki.middle.clone() };
    assert_eq!(pki.check(&[straight.issue(&pki.said(), &pki.own), pki.middle.certificate.clone()]), Err(Fault::Issuer));
}

#[test]
fn a_person_is_no_authority_and_depth_is_bounded() {
    let pki = Pki::new();
    // A physician's own key issues a certificate.
    let person = Authority {
        subject: "Manabu Okada".into(),
        pair: pki.own.clone(),
        certificate: pki.middle.issue(&pki.said(), &pki.own),
    };
    let forged = person.issue(&pki.said(), &Pair::ec(31));
    let chain = [forged, person.certificate.clone(), pki.middle.certificate.clone()];
    assert_eq!(pki.check(&chain), Err(Fault::Constraint));
    // An authority below one that may have none below it.
    let deeper = pki.middle.below(&Said::authority(NOW, "deeper", None), Pair::ec(32));
    let own = deeper.issue(&pki.said(), &pki.own);
    assert_eq!(pki.check(&[own, deeper.certificate.clone(), pki.middle.certificate.clone()]), Err(Fault::Constraint));
    // An authority that may sign lists only, and one that does not say what it may.
    for usage in [Some(0x02), None] {
        let said = Said { usage, ..Said::authority(NOW, MIDDLE, Some(0)) };
        let weak = pki.root.below(&said, Pair::ec(12));
        assert_eq!(pki.check(&[weak.issue(&pki.said(), &pki.own), weak.certificate]), Err(Fault::Constraint));
    }
    // Longer than anybody needs.
    let mut chain = Vec::new();
    let mut above = pki.root.clone();
    for number in 0..8 {
        let said = Said { serial: vec![40 + number], ..Said::authority(NOW, &format!("level {number}"), None) };
        above = above.below(&said, Pair::ec(50 + number));
        chain.insert(0, above.certificate.clone());
    }
    chain.insert(0, above.issue(&pki.said(), &pki.own));
    assert_eq!(pki.check(&chain), Err(Fault::Issuer));
}

#[test]
fn time_runs_out_at_both_ends() {
    let pki = Pki::new();
    assert_eq!(pki.said_to_be(|said| said.from = Instant(NOW.0 + 1000)), Err(Fault::Early));
    assert_eq!(pki.said_to_be(|said| said.until = Instant(NOW.0 - 1000)), Err(Fault::Expired));
    assert!(pki.said_to_be(|said| said.until = NOW).is_ok(), "the last second counts");
    let chain = pki.chain(&pki.said());
    assert_eq!(pki.check_at(&chain, ahead(401)), Err(Fault::Expired));
    assert_eq!(pki.check_at(&chain, ago(101)), Err(Fault::Early));
}

#[test]
fn who_is_revoked_or_held_is_told_apart_and_an_old_list_says_nothing() {
    let pki = Pki::new();
    let chain = pki.chain(&pki.said());
    pki.revoked(&[(&[9], None), (&[1, 94], None)]);
    assert_eq!(pki.check(&chain), Err(Fault::Revoked));
    pki.revoked(&[(&[1, 94], Some(1))]);
    assert_eq!(pki.check(&chain), Err(Fault::Revoked));
    pki.revoked(&[(&[1, 94], Some(6))]);
    assert_eq!(pki.check(&chain), Err(Fault::Held));
    pki.revoked(&[(&[1, 94], Some(6)), (&[1, 94], Some(4))]);
    assert_eq!(pki.check(&chain), Err(Fault::Revoked), "said twice, the graver");
    pki.revoked(&[(&[1, 95], None)]);
    assert!(pki.check(&chain).is_ok());
    // Stale, of the future, and the older of two.
    assert_eq!(pki.check_at(&chain, ahead(3)), Err(Fault::ListOld));
    pki.file("crls/middle.crl", &pki.middle.list(&[], ahead(1), ahead(2), &[]));
    assert_eq!(pki.check(&chain), Err(Fault::NoList));
    pki.revoked(&[(&[1, 94], None)]);
    pki.file("crls/older.crl", &pki.middle.list(&[], ago(9), ahead(9), &[]));
    assert_eq!(pki.check(&chain), Err(Fault::Revoked), "the newest counts");
    // Also where it is the authority that was revoked.
    pki.revoked(&[]);
    pki.file("crls/root.crl", &pki.root.list(&[(&[4], None)], ago(1), ahead(60), &[]));
    assert_eq!(pki.check(&chain), Err(Fault::Revoked));
}

#[test]
fn a_list_counts_only_by_its_authority_and_only_whole() {
    let pki = Pki::new();
    let chain = pki.chain(&pki.said());
    let revoked: &[(&[u8], Option<u8>)] = &[(&[1, 94], None)];
    // Signed by somebody else in the authority's name, nobody is revoked and nobody is cleared.
    let other = Authority { pair: Pair::ec(33), ..pki.middle.clone() };
    pki.file("crls/middle.crl", &other.list(&[], ago(1), ahead(2), &[]));
    assert_eq!(pki.check(&chain), Err(Fault::NoList));
    // By the root, about its own.
    pki.file("crls/middle.crl", &pki.root.list(revoked, ago(1), ahead(2), &[]));
    assert_eq!(pki.check(&chain), Err(Fault::NoList));
    for contents in [&[0x82, 1, 0xff][..], &[0x80 | 0x20, 5, 0xa0, 3, 0x86, 1, b'x'][..]] {
        let covers = authority::covers(contents);
        pki.file("crls/middle.crl", &pki.middle.list(&[], ago(1), ahead(2), &[covers]));
        assert_eq!(pki.check(&chain), Err(Fault::NoList), "for authorities only, or of another place");
    }
    pki.file("crls/middle.crl", &pki.middle.list(revoked, ago(1), ahead(2), &[authority::covers(&[0x81, 1, 0xff])]));
    assert_eq!(pki.check(&chain), Err(Fault::Revoked), "for people only");
    // What is not whole is not taken into the folder.
    for more in [
        authority::delta(),
        authority::unknown(true),
        authority::covers(&[0x84, 1, 0xff]),
        authority::covers(&[0x83, 2, 1, 0x40]),
    ] {
        pki.file("crls/middle.crl", &pki.middle.list(&[], ago(1), ahead(2), &[more]));
        assert!(Licences::open(pki.path()).is_err());
    }
}

#[test]
fn what_is_critical_and_not_understood_is_refused() {
    let pki = Pki::new();
    assert_eq!(pki.said_to_be(|said| said.more = vec![authority::unknown(true)]), Err(Fault::Critical));
    assert!(pki.said_to_be(|said| said.more = vec![authority::unknown(false)]).is_ok());
    assert_eq!(pki.said_to_be(|said| said.more = vec![authority::unknown(false); 2]), Err(Fault::Form), "said twice");
    assert_eq!(pki.said_to_be(|said| said.more = vec![authority::constrained()]), Err(Fault::Critical));
    assert_eq!(pki.said_to_be(|said| said.more = vec![authority::for_servers()]), Err(Fault::Constraint));
    assert_eq!(pki.said_to_be(|said| said.usage = Some(0x20)), Err(Fault::Constraint), "for encryption");
    assert_eq!(pki.said_to_be(|said| said.usage = None), Err(Fault::Constraint));
    assert_eq!(pki.said_to_be(|said| said.ca = Some(None)), Err(Fault::Constraint));
}

#[test]
fn the_policy_holds_all_the_way() {
    let pki = Pki::new();
    for policies in [vec![], vec!["1.2.3.4"], vec!["2.5.29.32.0"]] {
        assert_eq!(pki.said_to_be(|said| said.policies = policies), Err(Fault::Policy));
    }
    let said = Said { policies: vec!["1.2.3.4"], ..Said::authority(NOW, MIDDLE, Some(0)) };
    let other = pki.root.below(&said, Pair::ec(12));
    assert_eq!(pki.check(&[other.issue(&pki.said(), &pki.own), other.certificate]), Err(Fault::Policy));
    pki.file("hpki.json", b"{\"roles\": [\"physician\"]}");
    assert!(pki.said_to_be(|said| said.policies = vec![]).is_ok(), "where none is named");
}

#[test]
fn no_changed_byte_of_a_certificate_or_list_passes() {
    let pki = Pki::new();
    let chain = pki.chain(&pki.said());
    let trust = Licences::open(pki.path()).unwrap().trust().unwrap();
    let middle = Certificate::read(&chain[1]).unwrap();
    for index in 0..chain[0].len() {
        for bit in [1, 0x80] {
            let mut changed = chain[0].clone();
            changed[index] ^= bit;
            let read = Certificate::read(&changed);
            let passes = read.is_ok_and(|own| trust.check(&[own, middle.clone()], NOW).is_ok());
            assert!(!passes, "byte {index}");
        }
    }
    let list = pki.middle.list(&[(&[1, 94], Some(6))], ago(1), ahead(2), &[]);
    for index in 0..list.len() {
        let mut changed = list.clone();
        changed[index] ^= 1;
        pki.file("crls/middle.crl", &changed);
        let Ok(licences) = Licences::open(pki.path()) else { continue };
        let own = Certificate::read(&chain[0]).unwrap();
        let said = licences.trust().unwrap().check(&[own, middle.clone()], NOW);
        assert_eq!(said.err(), Some(Fault::NoList), "byte {index}");
    }
}

#[test]
fn garbage_and_depth_end_quickly() {
    let pki = Pki::new();
    let whole = pki.chain(&pki.said()).remove(0);
    for length in 0..whole.len() {
        assert!(Certificate::read(&whole[..length]).is_err());
    }
    assert!(Certificate::read(&[whole.clone(), vec![0]].concat()).is_err());
    let nested = (0..4000).fold(Vec::new(), |inner: Vec<u8>, _| authority::tlv(0x30, &inner));
    assert_eq!(Certificate::read(&nested).err(), Some(Fault::Form));
    assert_eq!(Certificate::read(&vec![0x30; 20_000]).err(), Some(Fault::Form));
    assert!(Certificate::of_file(b"-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----").is_err());
    assert!(Certificate::of_file("証明書".as_bytes()).is_err());
}

#[test]
fn no_qualification_is_none() {
    let pki = Pki::new();
    assert_eq!(pki.said_to_be(|said| said.qualifications = vec![]), Err(Fault::Unqualified));
    assert_eq!(pki.said_to_be(|said| said.qualifications = vec!["medical doctor"]), Err(Fault::Unqualified));
    assert!(Table::own().named("Wizard").is_none());
}

#[test]
fn the_folder_is_read_anew_and_a_broken_one_stops_a_start() {
    let pki = Pki::new();
    let licences = Licences::open(pki.path()).unwrap();
    let chain: Vec<Certificate> = pki.chain(&pki.said()).iter().map(|der| Certificate::read(der).unwrap()).collect();
    let says = || licences.trust().unwrap().check(&chain, NOW).err();
    assert_eq!(says(), None);
    pki.revoked(&[(&[1, 94], None)]);
    assert_eq!(says(), Some(Fault::Revoked));
    // A list that cannot be read does not bring anybody back, and stops a start.
    pki.file("crls/middle.crl", b"half of it");
    assert_eq!(says(), Some(Fault::Revoked));
    assert!(Licences::open(pki.path()).is_err());
    pki.revoked(&[]);
    assert_eq!(says(), None);
    for rules in
        ["{}", "{\"roles\": [\"citizen\"]}", "{\"roles\": [], \"policies\": [\"x\"]}", "{\"roles\": [], \"x\": 1}"]
    {
        pki.file("hpki.json", rules.as_bytes());
        assert!(Licences::open(pki.path()).is_err(), "{rules}");
    }
    std::fs::remove_file(pki.path().join("hpki.json")).unwrap();
    assert!(licences.trust().is_none(), "nothing is demanded");
    let nowhere = tempfile::tempdir().unwrap();
    assert!(Licences::open(nowhere.path().join("hpki")).unwrap().trust().is_none());
}
