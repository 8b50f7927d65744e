//! What requests cost as what is stored, and what is returned, grows; and what many recorders at once lose.
//!
//! - [`growth`]: lists and details, of large chats and of large runs
//! - [`recorders`]: 10,000 turns by 64 recorders at once, each of them read back

mod growth;
mod recorders;

use crate::report::Section;
use anyhow::Result;

pub(crate) async fn measure() -> Result<Vec<Section>> {
    Ok(vec![growth::measure().await?, recorders::measure().await?])
}
