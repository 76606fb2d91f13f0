//! The emergency summary that a person carries, and the receipts of looks without a network.

use tsumugi_kernel::Instant;

/// A summary that was just made.
#[derive(Clone, Debug)]
pub struct CarriedView {
    /// The signed text.
    pub text: String,
    /// The same as a QR code: SVG.
    pub svg: String,
    /// From when on it is old.
    pub expires: Instant,
    /// Where the page of taking along is.
    pub back: String,
}

/// Handing in a receipt.
#[derive(Clone, Debug, Default)]
pub struct ReceiptView {
    /// What was typed.
    pub form: ReceiptForm,
    /// What is wrong with it.
    pub fault: Option<ReceiptFault>,
    /// When the look was told, and whether it had been before.
    pub done: Option<(Instant, bool)>,
}

/// What is typed.
#[derive(Clone, Debug, Default)]
pub struct ReceiptForm {
    /// The receipt's file, or the summary's text.
    pub text: String,
    /// When it was read, where that does not stand in the receipt.
    pub at: String,
    /// Why, where that does not stand in the receipt.
    pub reason: String,
}

/// Why a receipt is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiptFault {
    /// It is neither a receipt nor a summary.
    Text,
    /// It is of no summary that was issued here.
    Forged,
    /// It cannot have been read then.
    Moment,
    /// No reason, or too long a one.
    Reason,
}
