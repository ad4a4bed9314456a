//! The values in tests: constants of the types of what they are given for.

use leeway_diagnostics::{Code, Diagnostic};
use leeway_units::{Field, Type};

use super::infer::Checker;
use crate::closest::unknown_of;
use crate::hir::{ExpectedKind, Expr, GivenFact, GivenValue, Records, Scenario, Target};

impl Checker<'_> {
    pub(super) fn scenario(&mut self, scenario: &mut Scenario, target: &Target) {
        for given in &mut scenario.facts {
            self.given(given, target);
        }
        for given in &mut scenario.metrics {
            let ty = self.environment.metrics.get(usize::from(given.metric.0)).cloned().flatten();
            self.given_value(&mut given.value, ty.as_ref());
            self.time_given(given.held.as_mut());
        }
        self.series(scenario, target);
        for operation in scenario.history.iter_mut().flatten() {
            self.time(&mut operation.ago, "how long ago it was");
            if let Some(call) = &mut operation.arguments {
                self.call(call);
                for argument in &call.arguments {
                    self.written_out(argument);
                }
            }
        }
        for claim in &mut scenario.claims {
            let ty = self.environment.metrics.get(usize::from(claim.metric.0)).cloned().flatten();
            self.given_value(&mut claim.value, ty.as_ref());
            self.time_given(claim.held.as_mut());
        }
        if let Some(propose) = &mut scenario.propose {
            self.call(propose);
        }
        for expected in &mut scenario.expect {
            match &mut expected.kind {
                ExpectedKind::Proposes { call, .. } => self.call(call),
                ExpectedKind::Tier { .. } | ExpectedKind::Silent { .. } => {}
            }
        }
    }

    fn time_given(&mut self, time: Option<&mut Expr>) {
        if let Some(time) = time {
            self.time(time, "the time for which it has been so");
        }
    }

    fn given(&mut self, given: &mut GivenFact, target: &Target) {
        self.time_given(given.held.as_mut());
        let Some(fact) = target.facts.get(usize::from(given.fact.0)) else { return };
        let name = &fact.name.node;
        match (&mut given.value, &fact.ty) {
            (GivenValue::Records(records), Some(Type::Records(fields))) => {
                self.records(&mut records.node, fields, name);
            }
            (GivenValue::One(value), Some(Type::Records(_))) => {
                let finding = Diagnostic::new(Code::E0301, value.span, format!("`{name}` is a collection"));
                self.diagnostics.push(finding.help(format!("give its records: `{name} = [{{ … }}]`")));
            }
            (GivenValue::Records(records), Some(ty)) => {
                let message = format!("`{name}` is a `{ty}` and has no records");
                let finding = Diagnostic::new(Code::E0301, records.span, message);
                self.diagnostics.push(finding.help("give it one value"));
            }
            (GivenValue::One(value), ty) => self.given_value(value, ty.as_ref()),
            (GivenValue::Records(_), None) => {}
        }
    }

    /// Each field once, of those that the collection has; one that is left out is unknown.
    fn records(&mut self, records: &mut Records, fields: &[Field], collection: &str) {
        for record in records {
            let mut seen: Vec<leeway_syntax::ast::Ident> = Vec::new();
            for (name, value) in record {
                if let Some(first) = seen.iter().find(|first| first.node == name.node) {
                    let finding = Diagnostic::new(Code::E0208, name.span, format!("`{}` is given twice", name.node));
                    self.diagnostics.push(finding.label(first.span, "first here").help("remove one"));
                }
                seen.push(name.clone());
                let field = fields.iter().find(|field| field.name == name.node);
                if field.is_none() {
                    let known = fields.iter().map(|field| field.name.as_ref());
                    self.diagnostics.push(unknown_of(Code::E0201, name.span, ("field", collection), &name.node, known));
                }
                self.given_value(value, field.map(|field| &field.ty));
            }
        }
    }

    /// A value that is given: a constant of the type wanted, if that is known.
    fn given_value(&mut self, value: &mut Expr, ty: Option<&Type>) {
        match ty {
            Some(ty) => drop(self.constant_of(value, ty, "what is wanted here")),
            None => drop(self.infer(value)),
        }
    }

    /// Reports an argument of an operation in the past that is no constant.
    fn written_out(&mut self, argument: &Expr) {
        if !self.environment.fixed(argument) {
            let finding = Diagnostic::new(Code::E0303, argument.span, "what was done before must be constant");
            self.diagnostics.push(finding.help("write it out, or give the name of a `let` that is constant"));
        }
    }
}
