//! exchange-documents
