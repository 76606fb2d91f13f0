//! A nurse shows her licence by certificate, on the page and by a card's software; a registrar confirms a name.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use tsumugi_people::{By, Post, Source, Validity};
use tsumugi_signin::{gate::TotpOffer, hpki::Licences};

use super::authority::{Authority, DAY, HASH, Message, POLICY, Pair, Said, pem};
use super::ways::{code, come_in, hand};
use super::*;

const PLACE: &str = "HPKI-01-Test";

/// A hospital where nurses need a certificate, and the nurse's session with a second factor.
struct Ward {
    town: Town,
    root: Authority,
    own: Pair,
    folder: tempfile::TempDir,
    cookie: String,
}

fn number(offer: &TotpOffer, now: Instant) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let values = offer.secret.bytes().map(|letter| LETTERS.iter().position(|known| *known == letter).unwrap());
    let bits: String = values.map(|value| format!("{value:05b}")).collect();
    let whole = bits.as_bytes().chunks_exact(8);
    let secret: Vec<u8> =
        whole.map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap()).collect();
    let mut mac = Hmac::<Sha1>::new_from_slice(&secret).unwrap();
    mac.update(&(now.0 / 30_000).to_be_bytes());
    let mac = mac.finalize().into_bytes();
    let at = usize::from(mac[19] & 15);
    let value = u32::from_be_bytes(mac[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", value % 1_000_000)
}

impl Ward {
    async fn new() -> Self {
        let town = Town::new().await;
        for (who, role) in [("mori", Role::Nurse), ("clerk", Role::Registrar)] {
            let hospital = OrganizationId::new(HOSPITAL).unwrap();
            let source = Source { organization: hospital.clone(), by: By::File, reference: None };
            let post = Post { role, validity: Validity::default(), source };
            town.desk.directory.appoint(&hospital, &PersonId::new(who).unwrap(), &post).await.unwrap();
        }
        let root = Authority::root(NOW, PLACE, Pair::ec(11));
        let folder = tempfile::tempdir().unwrap();
        for name in ["anchors", "crls"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        let rules = format!("{{\"roles\": [\"nurse\"], \"policies\": [\"{POLICY}\"]}}");
        std::fs::write(folder.path().join("hpki.json"), rules).unwrap();
        std::fs::write(folder.path().join("anchors/root.pem"), pem("CERTIFICATE", &root.certificate)).unwrap();
        let mut ward = Self { town, root, own: Pair::ec(12), folder, cookie: String::new() };
        ward.revoked(&[]);
        ward.town.provider.demand(Licences::open(ward.folder.path().to_owned()).unwrap());
        let paper = hand(&ward.town, "clerk", "number=mori").await;
        let cookie = come_in(&ward.town, &code(&paper)).await;
        let before = ward.town.get_with("/ways/licence", &cookie).await;
        assert!(before.text.contains("先に、仕事用の確認番号"), "{}", before.text);
        let gate = &ward.town.gate;
        let session = gate.session(cookie.split_once('=').unwrap().1).await.unwrap();
        let number = number(&gate.offer_second(&session).unwrap(), ward.town.clock.now());
        let cookie = gate.set_second(&session, &number).await.unwrap();
        ward.cookie = format!("{COOKIE}={cookie}");
        ward
    }

    fn revoked(&self, serials: &[(&[u8], Option<u8>)]) {
        let (from, until) = (Instant(NOW.0 - DAY), Instant(NOW.0 + DAY));
        std::fs::write(self.folder.path().join("crls/list.crl"), self.root.list(serials, from, until, &[])).unwrap();
    }

    fn said(&self) -> Said {
        Said { japanese: Some("森　由美"), ..Said::person(NOW, "General Nurse") }
    }

    /// The page's text, as the file that it offers.
    async fn text(&self, page: &Answered) -> String {
        let path = format!("/ways/licence/text?challenge={}", page.field("challenge"));
        let file = self.town.get_with(&path, &self.cookie).await;
        assert_eq!(file.status, StatusCode::OK);
        assert!(file.headers[header::CONTENT_DISPOSITION].to_str().unwrap().starts_with("attachment"));
        assert!(page.text.contains(&file.text), "what is shown is what is saved");
        file.text
    }

    fn signed(&self, said: &Said, text: &str) -> Vec<u8> {
        let certificates = [self.root.issue(said, &self.own)];
        let message = Message {
            certificates: &certificates,
            issuer: PLACE,
            serial: &said.serial,
            pair: &self.own,
            attached: false,
            attributes: true,
            hash: HASH,
        };
        message.over(text.as_bytes())
    }

    async fn send(&self, fields: &[(&str, &[u8])], kind: &str) -> Answered {
        let mut body = Vec::new();
        for (name, value) in fields {
            body.extend(format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n").bytes());
            body.extend(*value);
            body.extend(b"\r\n");
        }
        body.extend(b"--x--\r\n");
        let request = Request::post("/ways/licence").header(header::COOKIE, &self.cookie);
        let request = request.header(header::HOST, "tsumugi.test").header(header::ORIGIN, "http://tsumugi.test");
        let request = request.header("sec-fetch-site", "same-origin").header(header::CONTENT_TYPE, kind);
        self.town.send(request.body(Body::from(body)).unwrap()).await
    }

    /// What the page says to a certificate, sent as a file or pasted.
    async fn show(&self, said: &Said, pasted: bool) -> Answered {
        let page = self.town.get_with("/ways/licence", &self.cookie).await;
        let signed = self.signed(said, &self.text(&page).await);
        let (csrf, challenge) = (page.field("csrf"), page.field("challenge"));
        let text = pem("CMS", &signed);
        let sent: &[(&str, &[u8])] =
            if pasted { &[("file", b""), ("pasted", text.as_bytes())] } else { &[("file", &signed), ("pasted", b"")] };
        let own = [("csrf", csrf.as_bytes()), ("challenge", challenge.as_bytes())];
        self.send(&[&own, sent].concat(), "multipart/form-data; boundary=x").await
    }
}

#[tokio::test]
async fn a_nurse_shows_her_licence_by_file_or_by_text() {
    for pasted in [false, true] {
        let ward = Ward::new().await;
        let empty = ward.town.get_with("/ways", &ward.cookie).await;
        assert!(empty.text.contains("まだ示していません") && empty.text.contains("/ways/licence"), "{}", empty.text);
        assert!(empty.text.contains("1時間です"), "a paper's hour is told: {}", empty.text);
        assert!(empty.text.contains("<form hidden") && empty.text.contains("<noscript>"), "{}", empty.text);
        let done = ward.show(&ward.said(), pasted).await;
        assert_eq!(
            (done.status, done.location()),
            (StatusCode::SEE_OTHER, "/ways/licence?done=shown"),
            "{}",
            done.text
        );
        let shown = ward.town.get_with(done.location(), &ward.cookie).await;
        for words in ["受け取りました", "看護師", "森　由美", "有効です", "015e", PLACE, "2027年"] {
            assert!(shown.text.contains(words), "{words}: {}", shown.text);
        }
        let english = format!("{}; tsumugi_lang=en", ward.cookie);
        let english = ward.town.get_with("/ways", &english).await;
        assert!(english.text.contains("Professional certificate") || english.text.contains("資格証明書"));
        // What ends it is told where it stands.
        ward.revoked(&[(&[1, 94], None)]);
        let ways = ward.town.get_with("/ways", &ward.cookie).await;
        assert!(
            ways.text.contains("失効した証明書です") && ways.text.contains("資格証明書を示しました"),
            "{}",
            ways.text
        );
    }
}

#[tokio::test]
async fn what_is_wrong_is_told_in_words_and_forms_of_others_change_nothing() {
    let ward = Ward::new().await;
    let now = ward.town.clock.now();
    for (said, words) in [
        (Said { until: Instant(now.0 - 1000), ..ward.said() }, "期限が切れた"),
        (Said { from: Instant(now.0 + 60_000), ..ward.said() }, "まだ有効になっていない"),
        (Said { policies: vec!["1.2.3"], ..ward.said() }, "受け付けている種類の証明書ではありません"),
        (Said { qualifications: vec![], ..ward.said() }, "資格の書かれていない"),
    ] {
        let told = ward.show(&said, false).await;
        assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(told.text.contains(words), "{words}: {}", told.text);
    }
    let page = ward.town.get_with("/ways/licence", &ward.cookie).await;
    let (csrf, challenge) = (page.field("csrf"), page.field("challenge"));
    let other = ward.signed(&ward.said(), "another text");
    let multipart = "multipart/form-data; boundary=x";
    let own: [(&str, &[u8]); 2] = [("csrf", csrf.as_bytes()), ("challenge", challenge.as_bytes())];
    let told = ward.send(&[&own[..], &[("file", &other)]].concat(), multipart).await;
    assert!(told.text.contains("別の文に署名しています"), "{}", told.text);
    let told = ward.send(&[&own[..], &[("file", b"\xff\x00garbage")]].concat(), multipart).await;
    assert!(told.text.contains("読み取れません"), "{}", told.text);
    assert_eq!(ward.send(&[&own[1..], &[("file", &other)]].concat(), multipart).await.status, StatusCode::FORBIDDEN);
    assert_eq!(ward.send(&own, "text/plain").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(ward.town.get_with("/ways/licence/text?challenge=%0d%0aX", &ward.cookie).await.status, 400);
    for (who, path) in [("haru", "/ways/licence"), ("haru", "/desk/licences"), ("mori", "/desk/licences")] {
        assert_ne!(ward.town.get(who, path).await.status, StatusCode::OK, "{who} {path}");
    }
    assert!(ward.town.gate.licence(&PersonId::new("mori").unwrap()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_registrar_confirms_a_name_that_differs() {
    let ward = Ward::new().await;
    let desk = async |form: &str| {
        let csrf = ward.town.get("clerk", "/desk/licences").await.field("csrf");
        ward.town.post("/desk/licences", &ward.town.session("clerk").await, &format!("csrf={csrf}&{form}")).await
    };
    assert!(desk("number=mori").await.text.contains("まだ示していません"));
    let done = ward.show(&Said { japanese: Some("旧姓　由美"), ..ward.said() }, false).await;
    let shown = ward.town.get_with(done.location(), &ward.cookie).await;
    assert!(shown.text.contains("名簿の名前と同じではありません"), "{}", shown.text);
    assert!(ward.town.get("clerk", "/desk/codes").await.text.contains("/desk/licences"));
    let found = desk("number=mori").await;
    assert!(found.text.contains("旧姓　由美") && found.text.contains("本人のものと確認した"), "{}", found.text);
    for (form, words) in [("number=haru", "名簿にいません"), ("number=clerk", "自分では確認できません")]
    {
        let told = desk(form).await;
        assert!(told.text.contains(words) && told.status == StatusCode::UNPROCESSABLE_ENTITY, "{form}: {}", told.text);
    }
    assert!(desk("number=mori&serial=01").await.text.contains("替わっています"));
    assert!(desk("number=mori&serial=015e").await.text.contains("確認を記しました"));
    let ways = ward.town.get_with("/ways", &ward.cookie).await;
    assert!(ways.text.contains("有効です") && ways.text.contains("前田 彩（"), "{}", ways.text);
    let strange = ward.town.post("/desk/licences", &ward.town.session("clerk").await, "number=mori&serial=015e").await;
    assert_eq!(strange.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_cards_software_sends_it_beside_the_page() {
    let ward = Ward::new().await;
    let given = ward.town.get_with("/api/ways/licence", &ward.cookie).await;
    let given: serde_json::Value = serde_json::from_str(&given.text).unwrap();
    let text = given["text"].as_str().unwrap();
    let send = async |text: &str, signature: &[u8]| {
        let certificate = STANDARD.encode(ward.root.issue(&ward.said(), &ward.own));
        let body =
            serde_json::json!({"text": text, "certificates": [certificate], "signature": STANDARD.encode(signature)});
        let request = Request::post("/api/ways/licence").header(header::CONTENT_TYPE, "application/json");
        ward.town.send(request.body(Body::from(body.to_string())).unwrap()).await
    };
    let signature = ward.own.sign(text.as_bytes());
    let wrong = send(text, &ward.own.sign(b"x")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("the signature does not hold"), "{}", wrong.text);
    let strange = send("Tsumugi-licence http://tsumugi.test mori x", &signature).await;
    assert!(strange.text.contains("Ask for a new text"), "{}", strange.text);
    let taken = send(text, &signature).await;
    assert_eq!((taken.status, taken.text.as_str()), (StatusCode::OK, "{\"taken\":true}"));
    assert_eq!(send(text, &signature).await.status, StatusCode::UNPROCESSABLE_ENTITY, "once");
    let api = ward.town.get_with("/api/openapi.json", "").await;
    let api: serde_json::Value = serde_json::from_str(&api.text).unwrap();
    let both = &api["paths"]["/api/ways/licence"];
    assert!(both["get"].is_object() && both["post"].is_object(), "{both}");
    assert_ne!(ward.town.get("haru", "/api/ways/licence").await.status, StatusCode::OK);
}
