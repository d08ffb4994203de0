//! A field for each argument of the call that is entered, by type. The call's text and the fields
//! say the same: whichever was typed in last fills the other.

use eframe::egui::text::{CCursor, CCursorRange};
use eframe::egui::{Checkbox, Context, Grid, Id, Key, Label, Response, RichText, TextEdit, TextStyle, Ui};
use exuvia_runtime::call::Call;
use exuvia_runtime::load::ExportRecord;
use exuvia_runtime::session::status::Tone;

use super::super::actions::Action;
use super::super::figure::FieldText;
use super::super::theme::Palette;
use super::super::widgets::{outlined, truncated};
use crate::model::arguments::{Field, compose, short_name, take_apart};
use crate::text::Language;

/// The fields, and the walk through earlier calls.
#[derive(Debug, Default)]
pub(crate) struct CallsState {
    /// The fields that are shown.
    fields: Option<Fields>,
    /// The call's text that the fields were filled from, or that they gave.
    agreed: String,
    /// Whether the first field shall have the keyboard.
    focus_first: bool,
    /// How far back in the calls that were made the entry field is, and what stood in it before.
    pub(super) walk: Option<(usize, String)>,
}

/// The fields of an export.
#[derive(Debug)]
struct Fields {
    /// The export.
    name: String,
    /// The types that they were made for.
    types: Vec<String>,
    /// What is typed into each.
    typed: Vec<String>,
}

impl Fields {
    fn fit(&self, export: &ExportRecord) -> bool {
        export.name == self.name && export.parameters.iter().map(|parameter| &parameter.ty.name).eq(&self.types)
    }
}

impl CallsState {
    /// The keyboard goes into the first argument.
    pub(crate) fn begin(&mut self) {
        self.focus_first = true;
    }

    /// Fills the fields from a call's text that was changed elsewhere. One that is not yet a call
    /// leaves them as they are.
    pub(super) fn follow(&mut self, text: &str, exports: &[ExportRecord]) {
        let gone = |fields: &Fields| !exports.iter().any(|export| fields.fit(export));
        if self.fields.as_ref().is_some_and(gone) {
            // The guest was changed: the text may fit the new export.
            self.fields = None;
            self.agreed.clear();
        }
        if text == self.agreed && (self.fields.is_some() || text.is_empty()) {
            return;
        }
        text.clone_into(&mut self.agreed);
        match take_apart(text, exports) {
            Some((export, typed)) => {
                let types = export.parameters.iter().map(|parameter| parameter.ty.name.clone()).collect();
                self.fields = Some(Fields { name: export.name.clone(), types, typed });
            }
            // A call that the fields cannot show, and no text at all, have none.
            None if text.trim().is_empty() || text.parse::<Call>().is_ok() => self.fields = None,
            None => {}
        }
    }

    /// Whether one of the fields holds what its type cannot.
    pub(super) fn in_trouble(&self, exports: &[ExportRecord]) -> bool {
        let Some(Fields { name, typed, .. }) = &self.fields else { return false };
        let export = exports.iter().find(|export| export.name == *name);
        let parameters = export.iter().flat_map(|export| &export.parameters);
        // Another export may be named by now, in a text that is no call yet.
        let named = self.agreed.trim_start().starts_with(name.as_str());
        named && parameters.zip(typed).any(|(parameter, typed)| Field::of(&parameter.ty.name).value(typed).is_err())
    }

    /// The export that is entered, if its fields are shown.
    pub(super) fn export(&self) -> Option<&str> {
        self.fields.as_ref().map(|fields| fields.name.as_str())
    }
}

fn field_id(index: usize) -> Id {
    Id::unique(("argument", index))
}

/// Draws the fields. What is typed into one goes into the call's text at once.
pub(super) fn argument_fields_ui(
    ui: &mut Ui,
    exports: &[ExportRecord],
    state: &mut CallsState,
    text: &mut String,
) -> Option<Action> {
    state.follow(text, exports);
    let Fields { name, typed, .. } = state.fields.as_mut()?;
    let export = exports.iter().find(|export| export.name == *name)?;
    if export.parameters.is_empty() {
        state.focus_first = false;
        ui.label(RichText::new(Language::at(ui).no_arguments(name)).small().weak());
        return None;
    }
    let fields: Vec<_> = export.parameters.iter().map(|parameter| Field::of(&parameter.ty.name)).collect();
    let mut changed = false;
    let mut entered = false;
    Grid::new("arguments").num_columns(2).spacing([10.0, 4.0]).show(ui, |ui| {
        for (index, (parameter, field)) in export.parameters.iter().zip(&fields).enumerate() {
            let ty = short_name(&parameter.ty.name);
            ui.horizontal(|ui| {
                ui.set_max_width(220.0);
                ui.label(RichText::new(&parameter.name).monospace());
                truncated(ui, RichText::new(&ty).monospace().weak()).on_hover_text(&parameter.ty.name);
            });
            // What is measured first, unseen, would lose the keyboard again.
            let wanted =
                index == 0 && ui.is_enabled() && !ui.is_sizing_pass() && std::mem::take(&mut state.focus_first);
            if wanted && *field != Field::Truth {
                focus(ui.ctx(), field_id(0), &typed[0]);
            }
            let name = Language::at(ui).argument_named(&parameter.name, &ty);
            let done = argument_ui(ui, index, field, &mut typed[index], &name);
            if wanted && *field == Field::Truth {
                done.response.request_focus();
            }
            changed |= done.changed;
            entered |= done.entered;
            ui.end_row();
        }
    });
    if changed {
        *text = compose(&export.name, fields.iter().zip(typed.iter().map(String::as_str)));
        state.agreed.clone_from(text);
    }
    let fits = fields.iter().zip(typed.iter()).all(|(field, typed)| field.value(typed).is_ok());
    (entered && fits).then(|| Action::Call(text.clone()))
}

/// What was done in a field.
struct Done {
    response: Response,
    changed: bool,
    entered: bool,
}

fn argument_ui(ui: &mut Ui, index: usize, field: &Field, typed: &mut String, name: &str) -> Done {
    if *field == Field::Truth {
        let mut on = typed == "true";
        let response = ui
            .push_id(field_id(index), |ui| outlined(ui, Checkbox::new(&mut on, typed.as_str())).accessible_name(name))
            .inner;
        if response.changed() {
            *typed = on.to_string();
        }
        return Done { changed: response.changed(), entered: false, response };
    }
    let l = Language::at(ui);
    ui.vertical(|ui| {
        let hint = match field {
            Field::Json { example } => l.argument_hint(example),
            _ => field.beginning().to_owned(),
        };
        let mut text = FieldText::new(ui, typed);
        let edit = TextEdit::singleline(text.buffer()).id(field_id(index)).font(TextStyle::Monospace);
        let edit = edit.hint_text(RichText::new(hint).weak()).desired_width(f32::INFINITY);
        let response = outlined(ui, edit).accessible_name(name);
        if let Err(trouble) = field.value(typed) {
            let color = Palette::at(ui).tone(Tone::Bad);
            ui.add(Label::new(RichText::new(l.trouble(&trouble)).small().color(color)).wrap());
        }
        let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if entered {
            response.request_focus();
        }
        Done { changed: response.changed(), entered, response }
    })
    .inner
}

/// Gives a text field the keyboard, with all of its text selected: typing replaces it.
fn focus(ctx: &Context, id: Id, text: &str) {
    ctx.memory_mut(|memory| memory.request_focus(id));
    let end = text.chars().count();
    select(ctx, id, CCursorRange::two(CCursor::new(0), CCursor::new(end)));
}

/// Puts the text cursor of a field behind its text.
pub(crate) fn cursor_to_end(ctx: &Context, id: Id, text: &str) {
    select(ctx, id, CCursorRange::one(CCursor::new(text.chars().count())));
}

/// Selects the whole text of a field.
pub(crate) fn select_all(ctx: &Context, id: Id, text: &str) {
    select(ctx, id, CCursorRange::two(CCursor::default(), CCursor::new(text.chars().count())));
}

fn select(ctx: &Context, id: Id, range: CCursorRange) {
    let mut state = TextEdit::load_state(ctx, id).unwrap_or_default();
    state.cursor.set_char_range(Some(range));
    TextEdit::store_state(ctx, id, state);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::samples::export;

    #[test]
    fn fields_of_other_types_are_filled_anew() {
        let with = |ty: &str| {
            let mut export = export();
            ty.clone_into(&mut export.parameters[0].ty.name);
            [export]
        };
        let mut state = CallsState::default();
        state.follow("greet(\"true\")", &with("&str"));
        let typed = |state: &CallsState| state.fields.as_ref().map(|fields| fields.typed.clone());
        assert_eq!(typed(&state), Some(vec!["true".to_owned()]));
        state.follow("greet(\"true\")", &with("serde_json::Value"));
        assert_eq!(typed(&state), Some(vec!["\"true\"".to_owned()]), "JSON is typed with its quotes");
        state.follow("greet(\"true\")", &with("bool"));
        assert_eq!(typed(&state), None, "no field shows a text as a bool");
        state.follow("greet(\"true\")", &with("&str"));
        assert_eq!(typed(&state), Some(vec!["true".to_owned()]));
    }
}
