"""Renders the chat templates of this folder with Jinja itself, set as transformers sets it.

Usage: make_golden.py FOLDER        (needs Python's jinja2; the files here: version 3.1)

The templates are written for this project; each uses the constructs that the published templates of its family use.
"""

import datetime
import glob
import json
import os
import sys

import jinja2
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment


class Generation(Extension):
    tags = {"generation"}

    def parse(self, parser):
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols])
environment.filters["tojson"] = tojson
environment.globals["raise_exception"] = raise_exception
environment.globals["strftime_now"] = lambda form: datetime.datetime(2026, 1, 1, 0, 0, 0).strftime(form)

TOOLS = [{"type": "function", "function": {
    "name": "get_weather", "description": "The weather of a city.\nFor \"days\" days.",
    "parameters": {"type": "object", "properties": {
        "city": {"type": "string", "description": "Größe & <Ort>"}, "days": {"type": "integer", "default": 1},
        "unit": {"type": "string", "enum": ["c", "f"]}, "tags": {"type": "array", "items": {"type": "string"}}},
        "required": ["city"]}}},
    {"type": "function", "function": {"name": "now", "description": "The time", "parameters": {"type": "object", "properties": {}}}}]


def call(name, arguments):
    return {"id": "call00001", "type": "function", "function": {"name": name, "arguments": arguments}}


CONVERSATIONS = {
    "plain": [{"role": "user", "content": "Hello <b>you</b> & 'me'"}],
    "several": [{"role": "system", "content": " You are\nbrief. "}, {"role": "user", "content": "Hi"},
                {"role": "assistant", "content": "Hello!"}, {"role": "user", "content": "  How\nare you? 😀 "}],
    "reasoning": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "<think>\nsteps\n</think>\n\nanswer"},
                  {"role": "user", "content": "more"}, {"role": "assistant", "content": "last", "reasoning_content": "\nwhy\n"}],
    "tools": [{"role": "user", "content": "Weather?"},
              {"role": "assistant", "content": None, "tool_calls": [call("get_weather", {"city": "Köln", "days": 3}), call("now", {})]},
              {"role": "tool", "tool_call_id": "call00001", "name": "get_weather", "content": "{\"t\": 20.5}"},
              {"role": "tool", "tool_call_id": "call00001", "name": "now", "content": "12:00"},
              {"role": "assistant", "content": "20.5 degrees."}, {"role": "user", "content": "Thanks"}],
    "wrong": [{"role": "assistant", "content": "I begin"}, {"role": "assistant", "content": "and go on"}],
}


def cases():
    for name, messages in CONVERSATIONS.items():
        for prompt in (True, False):
            variables = {"messages": messages, "add_generation_prompt": prompt, "bos_token": "<s>", "eos_token": "</s>",
                         "tools": TOOLS if name in ("tools", "several") else None}
            yield f"{name}, {'prompt' if prompt else 'no prompt'}", variables
    yield "no thinking", {"messages": CONVERSATIONS["plain"], "add_generation_prompt": True, "bos_token": "<s>", "eos_token": "</s>", "enable_thinking": False}


def main():
    folder = sys.argv[1]
    with open(os.path.join(folder, "cases.json"), "w") as file:
        json.dump([{"name": name, "variables": variables} for name, variables in cases()], file, ensure_ascii=False, indent=1)
        file.write("\n")
    for path in sorted(glob.glob(os.path.join(folder, "*.jinja"))):
        with open(path) as file:
            template = environment.from_string(file.read())
        rendered = {}
        for name, variables in cases():
            try:
                rendered[name] = template.render(**variables)
            except jinja2.exceptions.TemplateError:
                rendered[name] = None  # refused
        with open(path[:-6] + ".json", "w") as file:
            json.dump(rendered, file, ensure_ascii=False, indent=1)
            file.write("\n")


main()
