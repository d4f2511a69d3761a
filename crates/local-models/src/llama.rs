//! The llama family of language models over quantised weights.
//!
//! The crate `candle-transformers`, which gives us BERT, has one too. This one exists because of
//! what was measured with SmolLM2-135M on one core:
//! - Theirs copies the whole attention cache for each token and falls from 48 to 21 tokens a
//!   second within a conversation of 500 tokens. This one loses a tenth there.
//! - Theirs multiplies quantised matrices token by token also when it reads a prompt. This one
//!   expands each matrix once for many tokens, which is more than twice as fast, and more exact:
//!   with theirs, "What is the capital of France?" was answered with nonsense on a processor with
//!   AVX-512, where 256 columns share one scale.
//! - Theirs holds the state of a run within the weights and stops at 4,096 tokens. Here the cache
//!   is apart, and can be cut back to a beginning that two prompts have in common.

use std::sync::Arc;

use candle_core::quantized::{QMatMul, QTensor};
use candle_core::{DType, Device, Module as _, Tensor};

use crate::gguf::{Fault, Gguf};

type Result<T, E = candle_core::Error> = std::result::Result<T, E>;

/// From this many tokens on, expanding a matrix to plain numbers first is quicker than
/// multiplying its quantised form token by token.
const EXPAND_FROM: usize = 16;

/// The attention cache grows by this many tokens at a time.
const CACHE_STEP: usize = 256;

/// The weights of a model: immutable, shared by all runs.
pub(crate) struct Llama {
    embedding: Tensor,
    blocks: Vec<Block>,
    norm: Norm,
    output: Matrix,
    rope: Rope,
    context: usize,
    kv_heads: usize,
    head_size: usize,
}

impl Llama {
    /// Reads the weights of a GGUF file. `most_context` limits how many tokens a run may have.
    pub(crate) fn load(gguf: &mut Gguf, most_context: usize) -> Result<Self, Fault> {
        match gguf.text("general.architecture") {
            Some("llama") => {}
            Some(other) => {
                return Err(Fault::Unsupported(format!(
                    "it is of the family `{other}`. Only the `llama` family is built in; other models run under Ollama."
                )));
            }
            None => return Err(Fault::Damaged("it does not name its family".into())),
        }
        if gguf.number("llama.expert_count").is_some_and(|experts| experts > 1) {
            let reason = "it is a mixture of experts, which is not built in.";
            return Err(Fault::Unsupported(reason.into()));
        }
        let shape = Shape::read(gguf, most_context)?;
        let embedding_weights = gguf.matrix("token_embd.weight")?;
        // Half the memory of single precision; what it rounds off is less than the quantisation did.
        let embedding = embedding_weights.dequantize(&Device::Cpu)?.to_dtype(DType::F16)?;
        let output = if gguf.has_tensor("output.weight") {
            Matrix::new(gguf.matrix("output.weight")?)?
        } else {
            Matrix::new(embedding_weights)?
        };
        let blocks = (0..shape.blocks)
            .map(|index| Block::load(gguf, index, &shape))
            .collect::<Result<Vec<_>, Fault>>()?;
        let norm = Norm::load(gguf, "output_norm.weight", shape.epsilon)?;
        let rope = Rope::load(gguf, &shape)?;
        let Shape { context, kv_heads, head_size, .. } = shape;
        Ok(Self { embedding, blocks, norm, output, rope, context, kv_heads, head_size })
    }

    /// How many tokens a run may have, question and answer together.
    pub(crate) fn context(&self) -> usize {
        self.context
    }

    /// How many tokens the model knows.
    pub(crate) fn vocabulary(&self) -> usize {
        self.embedding.dims()[0]
    }

    /// An attention cache for one run at a time.
    pub(crate) fn new_cache(&self) -> Cache {
        Cache { layers: vec![None; self.blocks.len()], length: 0 }
    }

    /// Reads `tokens` after those in the cache; gives the state after the last of them.
    pub(crate) fn read(&self, tokens: &[u32], cache: &mut Cache) -> Result<Tensor> {
        let count = tokens.len();
        let start = cache.length;
        let ids = Tensor::new(tokens, &Device::Cpu)?;
        let mut state = self.embedding.index_select(&ids, 0)?.to_dtype(DType::F32)?;
        let position = Position {
            cosines: self.rope.cosines.narrow(0, start, count)?,
            sines: self.rope.sines.narrow(0, start, count)?,
            mask: if count > 1 { Some(causal_mask(count, start)?) } else { None },
        };
        cache.make_room(count, self.kv_heads, self.head_size)?;
        for (block, layer) in self.blocks.iter().zip(&mut cache.layers) {
            let Some(layer) = layer else { continue };
            state = block.forward(&state, layer, start, &position)?;
        }
        cache.length += count;
        state.narrow(0, count - 1, 1)
    }

    /// What the model thinks of each token as the next one after `state`.
    pub(crate) fn scores(&self, state: &Tensor) -> Result<Vec<f32>> {
        self.output.forward(&self.norm.forward(state)?)?.flatten_all()?.to_vec1()
    }
}

/// What attention remembers of the tokens read so far.
pub(crate) struct Cache {
    layers: Vec<Option<Layer>>,
    length: usize,
}

impl Cache {
    /// Forgets all but the first `length` tokens.
    pub(crate) fn truncate(&mut self, length: usize) {
        self.length = self.length.min(length);
    }

    fn make_room(&mut self, extra: usize, kv_heads: usize, head_size: usize) -> Result<()> {
        let needed = self.length + extra;
        for layer in &mut self.layers {
            let capacity = layer.as_ref().map_or(0, Layer::capacity);
            if capacity >= needed {
                continue;
            }
            let more = (needed - capacity).next_multiple_of(CACHE_STEP);
            let keys = Tensor::zeros((kv_heads, head_size, more), DType::F32, &Device::Cpu)?;
            let values = Tensor::zeros((kv_heads, more, head_size), DType::F32, &Device::Cpu)?;
            *layer = Some(match layer.take() {
                None => Layer { keys, values },
                Some(layer) => Layer {
                    keys: Tensor::cat(&[&layer.keys, &keys], 2)?,
                    values: Tensor::cat(&[&layer.values, &values], 1)?,
                },
            });
        }
        Ok(())
    }
}

/// Keys (key heads, head size, capacity) and values (key heads, capacity, head size) of one block.
/// Each lies as it is multiplied: keys the other way round cost a third of the speed at 2,000
/// tokens.
#[derive(Clone)]
struct Layer {
    keys: Tensor,
    values: Tensor,
}

impl Layer {
    fn capacity(&self) -> usize {
        self.values.dims()[1]
    }

    /// Stores what belongs to the tokens from `start` on; gives all up to their end.
    fn extend(&self, keys: &Tensor, values: &Tensor, start: usize) -> Result<(Tensor, Tensor)> {
        let end = start + values.dim(1)?;
        self.keys.slice_set(&keys.t()?.contiguous()?, 2, start)?;
        self.values.slice_set(values, 1, start)?;
        Ok((self.keys.narrow(2, 0, end)?, self.values.narrow(1, 0, end)?))
    }
}

/// The sizes a GGUF header tells.
struct Shape {
    blocks: usize,
    heads: usize,
    kv_heads: usize,
    head_size: usize,
    context: usize,
    epsilon: f32,
    rope_base: f32,
}

impl Shape {
    fn read(gguf: &Gguf, most_context: usize) -> Result<Self, Fault> {
        let number = |key: &str| {
            let key = format!("llama.{key}");
            let number = gguf.number(&key).filter(|number| *number > 0);
            number.ok_or_else(|| Fault::Damaged(format!("`{key}` is missing or zero")))
        };
        let heads = number("attention.head_count")?;
        let kv_heads = gguf.number("llama.attention.head_count_kv").unwrap_or(heads);
        let hidden = number("embedding_length")?;
        let head_size = gguf.number("llama.attention.key_length").unwrap_or(hidden / heads);
        if kv_heads == 0 || !heads.is_multiple_of(kv_heads) || head_size == 0 {
            let reason =
                format!("{hidden} columns, {heads} heads and {kv_heads} key heads do not fit");
            return Err(Fault::Damaged(reason));
        }
        let rotated = gguf.number("llama.rope.dimension_count").unwrap_or(head_size);
        if rotated != head_size || !head_size.is_multiple_of(2) {
            let reason =
                format!("it rotates {rotated} of {head_size} columns; only all can be rotated.");
            return Err(Fault::Unsupported(reason));
        }
        Ok(Self {
            blocks: number("block_count")?,
            heads,
            kv_heads,
            head_size,
            context: number("context_length")?.min(most_context),
            epsilon: gguf.float("llama.attention.layer_norm_rms_epsilon").unwrap_or(1e-5),
            rope_base: gguf.float("llama.rope.freq_base").unwrap_or(10_000.0),
        })
    }
}

/// One attention and one feed-forward step.
struct Block {
    attention_norm: Norm,
    query: Matrix,
    key: Matrix,
    value: Matrix,
    attention_output: Matrix,
    feed_norm: Norm,
    gate: Matrix,
    up: Matrix,
    down: Matrix,
    heads: usize,
    kv_heads: usize,
    head_size: usize,
}

impl Block {
    fn load(gguf: &mut Gguf, index: usize, shape: &Shape) -> Result<Self, Fault> {
        let attention_norm =
            Norm::load(gguf, &format!("blk.{index}.attn_norm.weight"), shape.epsilon)?;
        let feed_norm = Norm::load(gguf, &format!("blk.{index}.ffn_norm.weight"), shape.epsilon)?;
        let mut matrix = |name: &str| -> Result<Matrix, Fault> {
            Ok(Matrix::new(gguf.matrix(&format!("blk.{index}.{name}.weight"))?)?)
        };
        Ok(Self {
            attention_norm,
            query: matrix("attn_q")?,
            key: matrix("attn_k")?,
            value: matrix("attn_v")?,
            attention_output: matrix("attn_output")?,
            feed_norm,
            gate: matrix("ffn_gate")?,
            up: matrix("ffn_up")?,
            down: matrix("ffn_down")?,
            heads: shape.heads,
            kv_heads: shape.kv_heads,
            head_size: shape.head_size,
        })
    }

    fn forward(
        &self,
        state: &Tensor,
        layer: &Layer,
        start: usize,
        position: &Position,
    ) -> Result<Tensor> {
        let seen = self.attend(&self.attention_norm.forward(state)?, layer, start, position)?;
        let state = (state + seen)?;
        let input = self.feed_norm.forward(&state)?;
        let gated = (self.gate.forward(&input)?.silu()? * self.up.forward(&input)?)?;
        state + self.down.forward(&gated)?
    }

    /// Attention with grouped heads: the queries that share a key head are stacked as rows, so
    /// that keys and values are never copied.
    fn attend(
        &self,
        input: &Tensor,
        layer: &Layer,
        start: usize,
        position: &Position,
    ) -> Result<Tensor> {
        let count = input.dim(0)?;
        let (heads, kv_heads, size) = (self.heads, self.kv_heads, self.head_size);
        let group_rows = heads / kv_heads * count;

        let queries = position.rotate(&split_heads(&self.query.forward(input)?, heads, size)?)?;
        let keys = position.rotate(&split_heads(&self.key.forward(input)?, kv_heads, size)?)?;
        let values = split_heads(&self.value.forward(input)?, kv_heads, size)?;
        let (keys, values) = layer.extend(&keys, &values, start)?;

        #[expect(clippy::cast_precision_loss, reason = "a head has some hundred columns at most")]
        let scale = 1.0 / (size as f64).sqrt();
        let queries = (queries * scale)?.reshape((kv_heads, group_rows, size))?;
        let mut scores = queries.matmul(&keys)?;
        if let Some(mask) = &position.mask {
            let by_head = scores.reshape((heads, count, start + count))?;
            scores = by_head.broadcast_add(mask)?.reshape((kv_heads, group_rows, start + count))?;
        }
        let weights = candle_nn::ops::softmax_last_dim(&scores)?;
        let seen = weights.matmul(&values)?.reshape((heads, count, size))?;
        self.attention_output.forward(&seen.transpose(0, 1)?.reshape((count, heads * size))?)
    }
}

/// (tokens, heads * size) to (heads, tokens, size).
fn split_heads(projected: &Tensor, heads: usize, size: usize) -> Result<Tensor> {
    let count = projected.dim(0)?;
    projected.reshape((count, heads, size))?.transpose(0, 1)?.contiguous()
}

/// What depends on where in the conversation the tokens stand.
struct Position {
    cosines: Tensor,
    sines: Tensor,
    mask: Option<Tensor>,
}

impl Position {
    fn rotate(&self, by_head: &Tensor) -> Result<Tensor> {
        let batch = by_head.unsqueeze(0)?;
        candle_nn::rotary_emb::rope_i(&batch, &self.cosines, &self.sines)?.squeeze(0)
    }
}

/// 0 where a token may look, minus infinity where it would see the future.
fn causal_mask(count: usize, start: usize) -> Result<Tensor> {
    let width = start + count;
    let mask: Vec<f32> = (0..count)
        .flat_map(|row| {
            (0..width).map(move |column| if column > start + row { f32::NEG_INFINITY } else { 0.0 })
        })
        .collect();
    Tensor::from_vec(mask, (count, width), &Device::Cpu)
}

/// The turning angles by which a model knows the order of its tokens.
struct Rope {
    cosines: Tensor,
    sines: Tensor,
}

impl Rope {
    #[expect(clippy::cast_precision_loss, reason = "positions and columns are small numbers")]
    fn load(gguf: &mut Gguf, shape: &Shape) -> Result<Self, Fault> {
        let pairs = shape.head_size / 2;
        // Llama 3.1 and later stretch the slow turns by factors that stand in the file.
        let factors = if gguf.has_tensor("rope_freqs.weight") {
            gguf.tensor("rope_freqs.weight")?.dequantize(&Device::Cpu)?.to_vec1::<f32>()?
        } else {
            vec![1.0; pairs]
        };
        if factors.len() != pairs {
            return Err(Fault::Damaged("`rope_freqs.weight` has the wrong length".into()));
        }
        let speeds: Vec<f32> = (0..pairs)
            .map(|pair| shape.rope_base.powf(-(pair as f32) / pairs as f32) / factors[pair])
            .collect();
        let angles: Vec<f32> = (0..shape.context)
            .flat_map(|position| speeds.iter().map(move |speed| position as f32 * speed))
            .collect();
        let angles = Tensor::from_vec(angles, (shape.context, pairs), &Device::Cpu)?;
        Ok(Self { cosines: angles.cos()?, sines: angles.sin()? })
    }
}

struct Norm {
    weight: Tensor,
    epsilon: f32,
}

impl Norm {
    fn load(gguf: &mut Gguf, name: &str, epsilon: f32) -> Result<Self, Fault> {
        Ok(Self { weight: gguf.tensor(name)?.dequantize(&Device::Cpu)?, epsilon })
    }

    fn forward(&self, state: &Tensor) -> Result<Tensor> {
        candle_nn::ops::rms_norm(&state.contiguous()?, &self.weight, self.epsilon)
    }
}

/// A quantised matrix that is multiplied in one of two ways, whichever is quicker.
struct Matrix(QMatMul);

impl Matrix {
    fn new(weights: QTensor) -> Result<Self> {
        Ok(Self(QMatMul::from_arc(Arc::new(weights))?))
    }

    fn forward(&self, input: &Tensor) -> Result<Tensor> {
        match &self.0 {
            QMatMul::QTensor(weights) if input.dim(0)? >= EXPAND_FROM => {
                input.matmul(&weights.dequantize(input.device())?.t()?)
            }
            quantised => quantised.forward(input),
        }
    }
}
