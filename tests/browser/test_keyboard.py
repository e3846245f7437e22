"""Every page that anybody may see, walked with the Tab key: each control is reached and shown, and none holds the walk.

The addresses are those of the permission matrix, each in the first state of its trial in which somebody sees a page.
What a screen reader says of them is for a person to hear: this test does not know.
"""

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from tests.browser.test_every_page import LEFT_OUT, LOOKERS, may_see
from tests.permissions import world
from tests.permissions.asking import questions

pytestmark = [pytest.mark.browser, pytest.mark.bench, pytest.mark.django_db(transaction=True)]

# Numbers what Tab should reach. Of the radio buttons of a group it reaches one; of what is folded away, nothing.
NUMBERED = """() => {
  const groups = new Set();
  let count = 0;
  for (const one of document.querySelectorAll(
      'a[href], area[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')) {
    if (one.disabled || one.tabIndex < 0 || !one.checkVisibility({ visibilityProperty: true })) continue;
    if (one.type === 'radio') {
      const group = (one.form ? [...document.forms].indexOf(one.form) : '') + one.name;
      if (groups.has(group)) continue;
      groups.add(group);
      for (const other of document.getElementsByName(one.name)) other.dataset.stop = count;
    }
    one.dataset.stop = count++;
  }
  document.activeElement.blur();
  return count;
}"""
# Where the focus is, and whether a person sees it there: on the screen, with an outline, a shadow or a thick frame.
HERE = """() => {
  const one = document.activeElement;
  if (one === document.body || one === document.documentElement) return null;
  const label = one.labels && one.labels[0];
  const box = one.getBoundingClientRect();
  const isOn = box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight;
  const marked = (style) => style.outlineStyle !== 'none' || style.boxShadow !== 'none';
  const shape = one instanceof SVGElement && one.querySelector('rect, path, polygon');
  const framed = shape && parseFloat(getComputedStyle(shape).strokeWidth) >= 3;
  const seen = framed || marked(getComputedStyle(one)) || (label && marked(getComputedStyle(label, '::before')));
  return { stop: one.dataset.stop ?? '', isShown: isOn && Boolean(seen), name: one.outerHTML.slice(0, 120) };
}"""


def walked(page: Any) -> tuple[int, list[str]]:
    """Press Tab until the page is left; return how many stops there were, and what is wrong."""
    page.wait_for_load_state("networkidle")
    wanted, reached, wrong = page.evaluate(NUMBERED), [], []
    for _ in range(2 * wanted + 10):
        page.keyboard.press("Tab")
        here = page.evaluate(HERE)
        if here is None or (reached and here["stop"] == reached[0]):
            break
        reached.append(here["stop"])
        if not here["isShown"]:
            wrong.append(f"the focus is not seen on {here['name']}")
    else:
        wrong.append("the walk does not end")
    missed = {str(number) for number in range(wanted)} - set(reached)
    for number in sorted(missed, key=int):
        said = page.evaluate(
            "n => document.querySelector(`[data-stop='${n}']`)?.outerHTML.slice(0, 120)", number
        )
        wrong.append(f"not reached: {said}")
    if len(reached) > 1:
        for key in ("Tab", "Tab", "Tab", "Shift+Tab"):
            page.keyboard.press(key)
        if (page.evaluate(HERE) or {}).get("stop") not in reached:
            wrong.append("there is no way back")
    return len(reached), wrong


def test_every_page_is_walked_by_keyboard(cast: SimpleNamespace, open_page: Any) -> None:
    built = world.build(cast)
    clients = {name: Client() for name in (*LOOKERS, "anonymous")}
    for name, client in clients.items():
        if name != "anonymous":
            client.force_login(getattr(cast, name))
    opened: dict[str, Any] = {}
    seen: set[str] = set()
    n_stops, found = 0, {}
    for row, method, name, address in questions(built):
        if method != "GET" or name in LEFT_OUT | seen or address.startswith("/api/"):
            continue
        if not (who := may_see(clients, address)):
            continue
        seen.add(name)
        if who not in opened:
            opened[who] = open_page("/privacy/", person=None if who == "anonymous" else getattr(cast, who))
        opened[who].goto(address)
        stops, wrong = walked(opened[who])
        n_stops += stops
        if wrong:
            found[row] = wrong
    print(f"{len(seen)} pages, {n_stops:,} stops, {len(found)} pages with something wrong")
    assert not found, "\n".join(f"{row}: {'; '.join(wrong[:4])}" for row, wrong in found.items())
    assert len(seen) > 100
