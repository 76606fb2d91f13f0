//! What is wrong with a document in one form that keeps it from the other.

use tsumugi_fhir::{
    json::Place,
    outcome::{Finding, Severity},
};
use tsumugi_kernel::limits;

tsumugi_fhir::problems! {
    /// Why a document cannot be put into the other form.
    XmlFault {
        /// No element.
        Empty "xml-empty" Structure
            "XMLに要素がありません。FHIRリソースを送ってください。"
            "The XML has no element. Send a FHIR resource."
        /// More bytes than the limit.
        TooLarge "xml-too-large" TooLong
            "本文が大きすぎます。分けて送ってください。"
            "The body is too large. Send it in parts."
        /// More levels than the limit.
        TooDeep "xml-too-deep" TooCostly
            "入れ子が深すぎます。入れ子を減らしてください。"
            "The nesting is too deep. Nest less."
        /// More attributes on one element than any FHIR element has.
        TooMany "xml-too-many-attributes" TooCostly
            "一つの要素の属性が多すぎます。減らしてください。"
            "An element has too many attributes. Use fewer."
        /// UTF-16 or UTF-32.
        WideEncoding "xml-encoding" Structure
            "UTF-16またはUTF-32のようです。UTF-8で送ってください。"
            "The body looks like UTF-16 or UTF-32. Send UTF-8."
        /// Bytes that are not UTF-8.
        NotUtf8 "xml-encoding" Structure
            "UTF-8として読めないバイトがあります。UTF-8で送ってください。"
            "A byte is not UTF-8. Send UTF-8."
        /// The declaration names another encoding or version.
        Declaration "xml-declaration" Structure
            "XML宣言は先頭に一度だけ、版は1.0、符号化はUTF-8で書いてください。"
            "The XML declaration must stand first and once, and say version 1.0 and UTF-8. Correct it."
        /// A document type declaration.
        DocType "xml-doctype" Security
            "文書型宣言（DOCTYPE）は受け付けません。取り除いてください。"
            "A document type declaration (DOCTYPE) is not accepted. Remove it."
        /// A reference to an entity other than XML's five, or to a character that XML does not allow.
        Entity "xml-entity" Structure
            "使える参照は &lt; &gt; &amp; &quot; &apos; と文字番号だけです。文字そのものか文字番号で書いてください。"
            "Only &lt; &gt; &amp; &quot; &apos; and character numbers may be referred to. Write the character or its number."
        /// A character that XML 1.0 does not allow.
        Character "xml-character" Structure
            "XMLで使えない制御文字があります。取り除いてください。"
            "A control character is not allowed in XML. Remove it."
        /// Not well-formed.
        Malformed "xml-well-formed" Structure
            "XMLとして正しくありません。この場所のタグと属性を確かめてください。"
            "This is not well-formed XML. Check tags and attributes at this place."
        /// The text ends inside an element.
        Truncated "xml-truncated" Structure
            "XMLが途中で終わっています。最後まで送られたかを確かめてください。"
            "The XML ends in the middle. Check that all of it was sent."
        /// A second root element.
        Trailing "xml-one-root" Structure
            "リソースの後に余分な内容があります。取り除いてください。"
            "There is content after the resource. Remove it."
        /// Text or CDATA where FHIR has elements only.
        Text "xml-text" Structure
            "要素の間に文字があります。FHIRの値はvalue属性に書いてください。"
            "There is text between elements. FHIR keeps values in the value attribute; move it there."
        /// An element or attribute of another namespace.
        Namespace "xml-namespace" Structure
            "名前空間が違います。要素は http://hl7.org/fhir、divは http://www.w3.org/1999/xhtml にしてください。"
            "The namespace is wrong. Use http://hl7.org/fhir for elements and http://www.w3.org/1999/xhtml for the div."
        /// The root, or what a resource is expected to be, is no kind of resource.
        NotResource "xml-resource" Structure
            "FHIR R4のリソースの種類ではありません。種類の名前を確かめてください。"
            "This is no kind of FHIR R4 resource. Check the name of the kind."
        /// Not exactly one resource inside an element that holds one.
        OneResource "xml-one-resource" Structure
            "この要素にはリソースをちょうど一つ入れてください。"
            "This element holds exactly one resource. Put one there."
        /// An element that the definition does not have here.
        UnknownElement "xml-unknown-element" Structure
            "FHIR R4の定義にない要素があります。名前と場所を確かめてください。"
            "R4's definition has no such element here. Check its name and place."
        /// An attribute that the definition does not have here.
        UnknownAttribute "xml-unknown-attribute" Structure
            "FHIR R4の定義にない属性があります。取り除くか、要素として書いてください。"
            "R4's definition has no such attribute here. Remove it, or write it as an element."
        /// An element twice that may be there once, or two types of a choice.
        Repeated "xml-repeated" Structure
            "一度しか書けない要素が二度あります。一つにしてください。"
            "An element is there twice that may be there once. Keep one."
        /// An element after one that the definition has later.
        Order "xml-order" Structure
            "要素の順が定義と違います。XMLでは定義の順に並べてください。"
            "An element is out of order. In XML, elements stand in the order of the definition; move it."
        /// A primitive with neither value nor extension, or with an empty value.
        NoValue "xml-no-value" Value
            "値が空です。値を書くか、要素を取り除いてください。"
            "The value is empty. Give a value, or remove the element."
        /// A boolean that is neither `true` nor `false`.
        NotBoolean "xml-boolean" Value
            "真偽値は true か false で書いてください。"
            "A boolean is true or false. Correct the value."
        /// A number that is none.
        NotNumber "xml-number" Value
            "数として読めません。空白、正符号、先頭のゼロのない十進数で書いてください。"
            "This is no number. Write a decimal without white space, plus sign or leading zeros."
        /// The narrative is not one XHTML `div`.
        Narrative "xml-narrative" Structure
            "記述（div）は名前空間つきの整ったXHTMLのdiv一つにしてください。"
            "The narrative must be one well-formed XHTML div with its namespace. Correct it."
        /// A JSON value of another type than the definition says.
        JsonType "json-type" Structure
            "JSONの型が定義と違うため、XMLに書けません。定義の型に直してください。"
            "The JSON type is not that of the definition, so XML cannot hold it. Use the definition's type."
        /// A null, empty array or missing value that XML cannot hold.
        JsonNull "json-null" Structure
            "値も拡張もない要素、または空の配列はXMLに書けません。取り除いてください。"
            "XML cannot hold an empty array, or an item with neither value nor extension. Remove it."
        /// Our own definitions lack a type that everything rests on.
        Definitions "definitions" Exception
            "サーバーのFHIR定義が読めません。運用者に知らせてください。"
            "The server's FHIR definitions are incomplete. Tell the operator."
    }
}

impl XmlFault {
    /// Whether nothing sure can be said of what comes behind it: the text is not well-formed XML, or too much.
    pub(crate) const fn ends_reading(self) -> bool {
        matches!(
            self,
            Self::Empty
                | Self::TooLarge
                | Self::TooDeep
                | Self::TooMany
                | Self::WideEncoding
                | Self::NotUtf8
                | Self::Declaration
                | Self::DocType
                | Self::Entity
                | Self::Character
                | Self::Malformed
                | Self::Truncated
                | Self::Trailing
                | Self::Definitions
        )
    }
}

/// What is wrong, where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XmlError {
    /// What is wrong.
    pub fault: XmlFault,
    /// Line and column in the text that was read.
    pub place: Place,
    /// The element, or the one around it where the element is not known, as FHIRPath: `Patient.contact[0].name`.
    pub path: String,
}

impl XmlError {
    /// The error as a finding.
    #[must_use]
    pub fn finding(&self) -> Finding {
        let severity = if self.fault.ends_reading() { Severity::Fatal } else { Severity::Error };
        self.fault.finding(severity, &self.path, Some(self.place))
    }
}

/// Everything that keeps a document from the other form, in the order in which it was found: at most
/// [`limits::FINDINGS`], the rest counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct XmlErrors {
    errors: Vec<XmlError>,
    more: usize,
}

impl XmlErrors {
    pub(crate) fn add(&mut self, error: XmlError) {
        // An element is not told for each attribute, nor a text for each of its parts.
        let same = |last: &XmlError| {
            (last.fault, &last.path) == (error.fault, &error.path)
                && (last.place == error.place || error.fault == XmlFault::Text)
        };
        if self.errors.last().is_some_and(same) {
            return;
        }
        if self.errors.len() < limits::FINDINGS { self.errors.push(error) } else { self.more += 1 }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// The errors.
    #[must_use]
    pub fn errors(&self) -> &[XmlError] {
        &self.errors
    }

    /// The errors as findings, with the count of those left out.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings: Vec<Finding> = self.errors.iter().map(XmlError::finding).collect();
        findings.extend((self.more > 0).then(|| Finding::more(self.more, Severity::Error)));
        findings
    }
}

impl From<XmlError> for XmlErrors {
    fn from(error: XmlError) -> Self {
        Self { errors: vec![error], more: 0 }
    }
}

impl std::fmt::Display for XmlErrors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, error) in self.errors.iter().enumerate() {
            write!(f, "{}{error}", if at == 0 { "" } else { "; " })?;
        }
        if self.more > 0 { write!(f, "; {} more", self.more) } else { Ok(()) }
    }
}

impl std::error::Error for XmlErrors {}

impl std::fmt::Display for XmlError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Place { line, column } = self.place;
        write!(f, "{} ({} line {line}, column {column} {})", self.fault.en(), self.fault.rule(), self.path)
    }
}

impl std::error::Error for XmlError {}
