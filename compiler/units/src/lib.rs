//! Types, units and values of the blueprint language: what a number means, read and printed in one place.

mod arithmetic;
mod call;
mod decimal;
mod literal;
mod quantity;
mod record;
mod ty;
mod unit;
mod value;

pub use arithmetic::{divided_unit, multiplied_unit, product_divisor, quotient_factor};
pub use call::{Call, CallError};
pub use literal::{COUNT_MAX, LITERAL_LENGTH_MAX, LiteralError, parse_literal};
pub use quantity::{Quantity, settled};
pub use record::Record;
pub use ty::{Enum, Field, Type};
pub use unit::{Suffix, Unit};
pub use value::{Value, ValueError, is_bidirectional};
