//! The pages, one file each: `page(&View, &Frame) -> Markup`.

pub mod activities;
pub mod care_form;
pub mod care_office;
pub mod document;
pub mod emergency;
pub mod error;
pub mod filling;
pub mod glass;
pub mod home;
pub mod laboratory;
pub mod laboratory_list;
pub mod look;
pub mod looks;
pub mod mandates;
pub mod match_pair;
pub mod match_queue;
pub mod medicines;
pub mod merges;
pub mod notices;
mod odd;
pub mod proxy_home;
pub mod restrict;
pub mod review_case;
pub mod review_queue;
pub mod rules;
pub mod sent;
pub mod sharing;
pub mod sign_in;
pub mod staff_home;
pub mod timeline;
pub mod town;
pub mod ward;

mod person;
