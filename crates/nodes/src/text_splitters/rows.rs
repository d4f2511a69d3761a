//! The rows that all text splitters share.

use flowstone_core::{Error, Input, Inputs, Result};

use super::splitting::Splitting;

/// Longest chunk.
pub(crate) const CHUNK_SIZE: Input<Option<u64>> = Input::whole("Chunk Size", "chunkSize")
    .default(1000)
    .describe("Longest chunk, in characters")
    .optional();

/// What neighbouring chunks have in common.
pub(crate) const CHUNK_OVERLAP: Input<Option<u64>> = Input::whole("Chunk Overlap", "chunkOverlap")
    .default(200)
    .describe("How many characters of a chunk's end the next one repeats")
    .optional();

/// What the two rows say; separators stay with the text behind them.
///
/// # Errors
/// Where chunks would overlap by their whole length.
pub(crate) fn lengths(inputs: &Inputs) -> Result<Splitting> {
    let length = |input: &Input<Option<u64>>, emptied: u64| -> Result<usize> {
        let chosen = inputs.get(input)?.unwrap_or(emptied);
        usize::try_from(chosen).map_err(|_| Error::invalid(&input.field, "this is too long"))
    };
    let (size, overlap) = (length(&CHUNK_SIZE, 1000)?, length(&CHUNK_OVERLAP, 200)?);
    if overlap >= size {
        return Err(Error::invalid(
            &CHUNK_OVERLAP.field,
            format!("{overlap} is not less than the chunk size of {size}"),
        ));
    }
    Ok(Splitting { chunk_size: size, chunk_overlap: overlap, keep_separator: true })
}
