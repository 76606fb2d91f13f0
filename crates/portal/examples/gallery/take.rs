//! Taking along and links, for the gallery.

use maud::Markup;
use tsumugi_portal::{Lang, page, view::*};

use crate::people::*;

fn answers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// The form with a fault and a link that was opened, the password, a link that was made, the holder's page.
pub fn pages(lang: Lang) -> Vec<(&'static str, Markup)> {
    let her = citizen(lang);
    let row = LinkRow {
        made: ago(1),
        by: Some(Name::read("山田 恵", "やまだ めぐみ")),
        until: Some(NOW),
        uses: 2,
        over: None,
        openings: vec![(NOW, "田中 一郎 (Example Clinic)".into())],
        end: "/me/take/link/x/end".into(),
    };
    let form = TakeForm { answers: answers(&[("what", "part")]), fault: Some(TakeFault::NoPart) };
    let taking = TakeView { form, idempotency: "i-1".into(), links: vec![row], full: false, ended: false };
    let sealed = SealedView { password: "1234-5678-9012-3456-7890".into(), answers: answers(&[("what", "summary")]) };
    let made = MadeLinkView {
        url: format!("https://record.example/link#shlink:/{}", "eyJ1cmwiOiJodHRwcz".repeat(12)),
        svg:
            "<svg viewBox=\"0 0 9 9\" width=\"200\" height=\"200\" aria-hidden=\"true\"><rect width=\"9\" height=\"9\"/></svg>"
                .into(),
        pin: "4071".into(),
        until: NOW,
        uses: 3,
        end: "/me/take/link/x/end".into(),
    };
    let holder = |fault| LinkHolderView { code: "shlink:/eyJ1".into(), by: "田中 一郎".into(), fault };
    let none = her.clone();
    let none = tsumugi_portal::Frame { signed_in: None, subject: None, ..none };
    vec![
        ("take", page::take::page(&TakeView { idempotency: "i-1".into(), ..TakeView::default() }, &her)),
        ("take-fault", page::take::page(&taking, &her)),
        ("take-sealed", page::take::sealed(&sealed, &her)),
        ("take-link", page::take::link_made(&made, &her)),
        ("link", page::link::page(&LinkHolderView::default(), &none)),
        ("link-pin", page::link::page(&holder(Some(LinkHolderFault::Pin(4))), &none)),
        ("link-closed", page::link::page(&holder(Some(LinkHolderFault::Closed)), &none)),
    ]
}
