//! Opens GGUF files carefully: what does not fit in the file is refused before anything is read.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write as _};
use std::path::Path;

use candle_core::Device;
use candle_core::quantized::gguf_file::{self, Content, Value};
use candle_core::quantized::{GgmlDType, QTensor};
use rayon::prelude::*;

/// Why a file gives no model. The caller adds the name of the model.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The file is not what it should be.
    Damaged(String),
    /// The file is sound, but there is no code for it.
    Unsupported(String),
}

impl From<candle_core::Error> for Fault {
    fn from(error: candle_core::Error) -> Self {
        // candle appends a stack trace after the first line when RUST_BACKTRACE is set.
        let message = error.to_string();
        Self::Damaged(message.lines().next().unwrap_or_default().to_owned())
    }
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        Self::Damaged(format!("it cannot be read: {error}"))
    }
}

/// A GGUF file whose header was read and found to agree with its size.
pub(crate) struct Gguf {
    content: Content,
    reader: BufReader<File>,
}

impl Gguf {
    /// Reads the header and checks that each tensor lies inside the file.
    pub(crate) fn open(path: &Path) -> Result<Self, Fault> {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        let mut reader = BufReader::new(file);
        let content = Content::read(&mut reader)?;
        check_extents(&content, size)?;
        Ok(Self { content, reader })
    }

    pub(crate) fn content(&self) -> &Content {
        &self.content
    }

    /// A whole number of the metadata, whatever its width in the file.
    pub(crate) fn number(&self, key: &str) -> Option<usize> {
        match self.content.metadata.get(key)? {
            Value::I32(number) => usize::try_from(*number).ok(),
            Value::I64(number) => usize::try_from(*number).ok(),
            value => value.to_u64().ok().and_then(|number| usize::try_from(number).ok()),
        }
    }

    pub(crate) fn float(&self, key: &str) -> Option<f32> {
        self.content.metadata.get(key)?.to_f32().ok()
    }

    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.content.metadata.get(key)?.to_string().ok().map(String::as_str)
    }

    pub(crate) fn has_tensor(&self, name: &str) -> bool {
        self.content.tensor_infos.contains_key(name)
    }

    /// Reads a tensor as it stands in the file.
    pub(crate) fn tensor(&mut self, name: &str) -> Result<QTensor, Fault> {
        Ok(self.content.tensor(&mut self.reader, name, &Device::Cpu)?)
    }

    /// Reads the weights of a matrix in a form that candle multiplies quickly.
    pub(crate) fn matrix(&mut self, name: &str) -> Result<QTensor, Fault> {
        quick_form(self.tensor(name)?)
    }

    fn has_slow_tensors(&self) -> bool {
        self.content
            .tensor_infos
            .values()
            .any(|tensor| tensor.shape.rank() == 2 && has_no_quick_kernel(tensor.ggml_dtype))
    }
}

/// Writes a copy of a GGUF file whose matrices are all in a form that candle multiplies quickly.
/// Gives `false`, and writes nothing, if the file is in such a form already.
///
/// Done once when a model is installed, it spares each later load the conversion, 0.6 s of the
/// 0.8 s that loading SmolLM2-135M takes.
pub(crate) fn write_quick_form(source: &Path, target: &Path) -> Result<bool, Fault> {
    let mut gguf = Gguf::open(source)?;
    if !gguf.has_slow_tensors() {
        return Ok(false);
    }
    let mut names: Vec<String> = gguf.content.tensor_infos.keys().cloned().collect();
    names.sort_unstable();
    let tensors = names.iter().map(|name| gguf.tensor(name)).collect::<Result<Vec<_>, _>>()?;
    let tensors = tensors
        .into_par_iter()
        .map(|tensor| if tensor.rank() == 2 { quick_form(tensor) } else { Ok(tensor) })
        .collect::<Result<Vec<_>, _>>()?;
    let mut metadata: Vec<(&str, &Value)> =
        gguf.content.metadata.iter().map(|(key, value)| (key.as_str(), value)).collect();
    metadata.sort_unstable_by_key(|(key, _)| *key);
    let tensors: Vec<(&str, &QTensor)> =
        names.iter().map(String::as_str).zip(tensors.iter()).collect();
    let mut writer = BufWriter::new(File::create(target)?);
    gguf_file::write(&mut writer, &metadata, &tensors)?;
    writer.flush()?;
    writer.get_ref().sync_all()?;
    Ok(true)
}

fn quick_form(tensor: QTensor) -> Result<QTensor, Fault> {
    let whole_blocks = tensor.shape().dims().last().is_some_and(|columns| columns % 32 == 0);
    if !has_no_quick_kernel(tensor.dtype()) || !whole_blocks {
        return Ok(tensor);
    }
    let plain = tensor.dequantize(&Device::Cpu)?;
    Ok(QTensor::quantize(&plain, GgmlDType::Q8_0)?)
}

/// candle multiplies these forms number by number; Q4_1 gave 2 tokens a second, as Q8_0 it gives 48.
/// The unquantised ones have kernels, but take two to four times the memory traffic of Q8_0.
fn has_no_quick_kernel(form: GgmlDType) -> bool {
    matches!(
        form,
        GgmlDType::Q4_1
            | GgmlDType::Q5_0
            | GgmlDType::Q5_1
            | GgmlDType::Q8_1
            | GgmlDType::F16
            | GgmlDType::BF16
            | GgmlDType::F32
    )
}

fn check_extents(content: &Content, size: u64) -> Result<(), Fault> {
    let needed = content.tensor_infos.values().try_fold(0u64, |needed, tensor| {
        let elements = tensor.shape.dims().iter().try_fold(1u64, |product, dimension| {
            product.checked_mul(u64::try_from(*dimension).ok()?)
        })?;
        let block = u64::try_from(tensor.ggml_dtype.block_size()).ok()?;
        let bytes =
            (elements / block).checked_mul(u64::try_from(tensor.ggml_dtype.type_size()).ok()?)?;
        let end = content.tensor_data_offset.checked_add(tensor.offset)?.checked_add(bytes)?;
        Some(needed.max(end))
    });
    let Some(needed) = needed else {
        return Err(Fault::Damaged("its header holds impossible sizes".into()));
    };
    if needed > size {
        return Err(Fault::Damaged(format!("it has {size} bytes, but needs {needed}")));
    }
    Ok(())
}
