//! A seed becomes choices, always the same ones; and JSON is built from them.

use gateleg_core::json::Json;

/// JSON that owns its text.
pub type Tree = Json<'static>;

/// Choices. A request gets a number of slips: places where what is generated is almost, but not quite, what DynamoDB takes.
pub struct Random {
    state: u64,
    slips: usize,
}

impl Random {
    /// The choices of one request.
    pub fn new(seed: u64, slips: usize) -> Self {
        Random { state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03, slips }
    }

    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number in `0..limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    /// True that many times out of a hundred.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of these.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// Whether to be wrong here; true that many times out of a hundred, and only while slips are left.
    pub fn slip(&mut self, percent: usize) -> bool {
        let slips = self.slips > 0 && self.chance(percent);
        self.slips -= usize::from(slips);
        slips
    }
}

/// A JSON string.
pub fn text(text: impl Into<String>) -> Tree {
    Json::String(text.into().into())
}

/// A JSON number.
pub fn number(number: i64) -> Tree {
    Json::Number(number.to_string().into())
}

/// A JSON object; of members with one name, the first.
pub fn object<K: Into<String>>(members: impl IntoIterator<Item = (K, Tree)>) -> Tree {
    let mut object: Vec<(std::borrow::Cow<'static, str>, Tree)> = Vec::new();
    for (key, value) in members {
        let key = key.into();
        if object.iter().all(|(known, _)| *known != key) {
            object.push((key.into(), value));
        }
    }
    Json::Object(object)
}

/// A JSON array.
pub fn array(items: impl IntoIterator<Item = Tree>) -> Tree {
    Json::Array(items.into_iter().collect())
}
