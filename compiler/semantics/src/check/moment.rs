//! `during`: a part of the week on the clock of some place, both constant.

use leeway_diagnostics::{Code, Diagnostic};
use leeway_ir::Zone;
use leeway_units::{Type, Value};

use super::infer::Checker;
use crate::closest::closest;
use crate::hir::Expr;
use crate::week::weekly_window;

impl Checker<'_> {
    /// Checks the two texts of `during`.
    pub(super) fn during(&mut self, text: &mut Expr, zone: &mut Expr) {
        if let Some(written) = self.constant_text(text, "the part of the week")
            && let Err(reason) = weekly_window(&written)
        {
            let example = "write it as in `Mon-Fri 09:00-17:00`";
            let split = reason.split_once("; ").filter(|(_, help)| !help.starts_with("did you mean"));
            let (message, help) = split.unwrap_or((&reason, example));
            self.diagnostics.push(Diagnostic::new(Code::E0501, text.span, message).help(help));
        }
        self.zone(zone);
    }

    /// A time zone must be one that the database has.
    pub(super) fn zone(&mut self, zone: &mut Expr) {
        if let Some(written) = self.constant_text(zone, "the time zone")
            && Zone::named(&written).is_none()
        {
            let finding = unknown_zone(zone, &written);
            self.diagnostics.push(finding);
        }
    }

    /// The value of a text that must be constant; what else it is, is reported.
    pub(super) fn constant_text(&mut self, expr: &mut Expr, what: &str) -> Option<std::sync::Arc<str>> {
        let found = self.infer(expr)?;
        if found.ty != Type::Text {
            self.mismatch(expr, &found, &Type::Text, what);
            return None;
        }
        if let Some(Value::Text(text)) = self.environment.constant(expr) {
            return Some(text);
        }
        if !self.environment.fixed(expr) {
            let finding = Diagnostic::new(Code::E0303, expr.span, format!("{what} must be a constant text"));
            self.diagnostics.push(finding.help("write it in quotes, or give the name of a `let` that is one"));
        }
        None
    }
}

fn unknown_zone(expr: &Expr, written: &str) -> Diagnostic {
    // The database writes `Europe/Berlin`; another case, or the city alone, is likely meant as that.
    let same = |name: &&str| {
        let city = name.rsplit('/').next().unwrap_or(name);
        name.eq_ignore_ascii_case(written) || city.eq_ignore_ascii_case(&written.replace(' ', "_"))
    };
    let city = |name: &'static str| name.rsplit('/').next().unwrap_or(name);
    let near_city =
        || closest(written, Zone::names().map(city)).and_then(|near| Zone::names().find(|name| city(name) == near));
    let near = Zone::names().find(same).or_else(|| closest(written, Zone::names())).or_else(near_city);
    let literal = matches!(expr.kind, crate::hir::ExprKind::Constant(_));
    match near {
        Some(near) => {
            let message = format!("unknown time zone `{written}`; did you mean `{near}`?");
            let finding = Diagnostic::new(Code::E0501, expr.span, message);
            if literal { finding.fix(format!("write `{near}`"), expr.span, format!("\"{near}\"")) } else { finding }
        }
        None => Diagnostic::new(Code::E0501, expr.span, format!("unknown time zone `{written}`"))
            .help("write a name of the IANA database, such as `Europe/Berlin` or `UTC`"),
    }
}
