"""What is wrong with the forms of a page, gathered at its top: a summary that leads to each field at fault."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django import template
from django.contrib.admin.helpers import AdminForm, InlineAdminFormSet
from django.forms import BaseForm
from django.forms.boundfield import BoundField
from django.forms.formsets import BaseFormSet
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

register = template.Library()
SHOWN = "_shows_form_mistakes"  # of a request: a page has one summary, however often it lists its answers


class Mistake(NamedTuple):
    """`target` is the id of the element at fault, "" where it is about the form as a whole."""

    target: str
    label: str
    sentence: str


@register.simple_tag(takes_context=True)
def form_mistakes(context: template.RequestContext) -> SafeString | str:
    """Render the summary of every form that the page was given, nothing where none has a mistake."""
    request = context.get("request")
    if request is None or getattr(request, SHOWN, False):
        return ""
    mistakes = list(dict.fromkeys(mistakes_of(context.flatten().values())))
    if not mistakes:
        return ""
    setattr(request, SHOWN, True)
    return render_to_string("console/form_mistakes.html", {"mistakes": mistakes})


def mistakes_of(values: Iterable[Any]) -> Iterator[Mistake]:
    """Yield what is wrong with each form among `values`, and in the sets of forms there. What is lazy stays so."""
    for form in {id(form): form for value in values for form in _forms_of(value)}.values():
        yield from _of_form(form)


def _forms_of(value: Any) -> "Iterator[BaseForm | BaseFormSet[Any]]":
    kind = type(value)
    if issubclass(kind, BaseForm):
        yield value
    elif issubclass(kind, AdminForm):
        yield value.form
    elif issubclass(kind, BaseFormSet):
        yield value
        yield from value.forms
    elif issubclass(kind, InlineAdminFormSet):
        yield from _forms_of(value.formset)
    elif kind in (list, tuple):
        for each in value:
            yield from _forms_of(each)


def _of_form(form: "BaseForm | BaseFormSet[Any]") -> Iterator[Mistake]:
    if isinstance(form, BaseFormSet):
        yield from (Mistake("", "", str(error)) for error in form.non_form_errors())
        return
    for name, errors in form.errors.items():
        field = form[name] if name in form.fields else None
        for error in errors:
            yield Mistake(_target(field), str(field.label) if field else "", str(error))


def _target(field: BoundField | None) -> str:
    if field is None or field.is_hidden:
        return ""
    return field.id_for_label or f"{field.auto_id}_0"  # of choices in a row, the first
