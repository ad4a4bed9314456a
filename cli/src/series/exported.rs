//! Whether a file has all lines of the export that it comes from: each says which one it is, and the last one that it is the last.

/// At so many places it is told what is missing.
const PLACES_MAX: usize = 5;

/// Which line of an export it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// From 1.
    pub(crate) number: u64,
    pub(crate) is_last: bool,
}

/// The lines of exports in a file, and those that are missing between them.
#[derive(Debug, Default)]
pub(crate) struct Exported {
    /// The number of the line before, in its export; 0 where an export begins next.
    number: u64,
    /// Whether there was a line of an export whose last one has not come yet.
    is_open: bool,
    missing: Vec<String>,
    places: usize,
}

impl Exported {
    /// The next line of an export, the `line`-th of the file.
    pub(crate) fn hear(&mut self, line: u64, place: Place) {
        if place.number <= self.number {
            // Another one.
            self.end(line.saturating_sub(1));
        }
        let (first, last) = (self.number.saturating_add(1), place.number.saturating_sub(1));
        if first == last {
            self.tell(format!("line {first} of the export is missing before line {line}"));
        } else if first < last {
            self.tell(format!("lines {first} to {last} of the export are missing before line {line}"));
        }
        (self.number, self.is_open) = if place.is_last { (0, false) } else { (place.number, true) };
    }

    /// A line that cannot be read: it is told as such, and not as missing.
    pub(crate) fn skip(&mut self) {
        self.number = self.number.saturating_add(1);
    }

    /// Behind the `line`-th line nothing more comes of the export.
    pub(crate) fn end(&mut self, line: u64) {
        if std::mem::take(&mut self.is_open) {
            self.tell(format!("the end of the export is missing after line {line}"));
        }
        self.number = 0;
    }

    /// What is missing so far, in words.
    pub(crate) fn missing(&self) -> Option<String> {
        let more = match self.places.saturating_sub(PLACES_MAX) {
            0 => String::new(),
            1 => "; and lines at one more place".to_owned(),
            more => format!("; and lines at {more} more places"),
        };
        (self.places > 0).then(|| format!("{}{more}", self.missing.join("; ")))
    }

    fn tell(&mut self, missing: String) {
        self.places += 1;
        if self.places <= PLACES_MAX {
            self.missing.push(missing);
        }
    }
}
