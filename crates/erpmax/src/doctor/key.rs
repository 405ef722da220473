//! The master key's file. Whether it fits is found out at the database.

use erpmax_core::MasterKey;

use super::Finding;
use crate::configuration::Configuration;
use crate::data::DataFolder;
use crate::key_file;

const ABOUT: &str = "master key";

/// The key, if its file can be used.
pub(super) fn file(
    configuration: &Configuration,
    folder: &DataFolder,
    findings: &mut Vec<Finding>,
) -> Option<MasterKey> {
    let path = folder.master_key_path(configuration);
    let shown = path.display();
    let key = match MasterKey::from_file(&path) {
        Ok(key) => key,
        Err(error) => {
            let advice = "put it back from the copy that you keep elsewhere, or restore a sealed backup";
            findings.push(Finding::bad(ABOUT, format!("{shown} cannot be used: {error}; {advice}")));
            return None;
        }
    };
    findings.push(if key_file::is_open_to_others(&path) {
        Finding::bad(ABOUT, format!("others may read {shown}; run `chmod 600 {shown}` and `erpmax secrets rotate`"))
    } else if key.ids().len() > 1 {
        let advice = "run `erpmax secrets rotate` to end the rotation, once every node has the file";
        Finding::doubtful(ABOUT, format!("{shown} holds more than one key; {advice}"))
    } else {
        Finding::good(ABOUT, format!("{shown}, for its owner alone"))
    });
    Some(key)
}
