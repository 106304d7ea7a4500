"""The real openai client against a running `tokenmark-cli serve`.

Usage: openai_client_test.py TOKENMARK_CLI SITE_OF_PEERS [MODEL.gguf]
Ends with 77 (skipped, with the reason) where the client is not installed.
"""

import glob
import os
import re
import struct
import subprocess
import sys
import tempfile
import unittest

PROGRAM, PEERS = sys.argv[1:3]
MODEL = sys.argv[3] if len(sys.argv) > 3 and os.path.exists(sys.argv[3]) else "shape:stories260k:f32"
REAL = not MODEL.startswith("shape:")
KEY = "sk-test"

sys.path[:0] = glob.glob(os.path.join(PEERS, "lib", "python3*", "site-packages"))
try:
    import openai
except ImportError as error:
    print(f"skipped: the openai client is not installed ({error}); run packaging/peers")
    sys.exit(77)


# ChatML with tools and a switch for reasoning; the comment fills it to a multiple of 32 bytes.
TEMPLATE = (
    "{% for m in messages %}<|{{ m.role }}|>{{ m.content or m.tool_calls[0].function.name }}\n{% endfor %}"
    "{% for t in tools or [] %}[{{ t.function.name }}]{% endfor %}"
    "{% if add_generation_prompt %}Once upon a time{{ ', <think>' if enable_thinking }}{% endif %}")


def with_template(path, template):
    """A copy of a GGUF file whose chat template is `template`: one more key before the others."""
    with open(path, "rb") as file:
        content = file.read()
    magic, version, tensors, keys = struct.unpack_from("<4sIQQ", content)
    key = b"tokenizer.chat_template"
    head = struct.pack("<Q", len(key)) + key + struct.pack("<I", 8)
    text = template.encode()
    text += b"{#" + b" " * (-(len(head) + 8 + len(text) + 4) % 32) + b"#}"  # tensors stay where they are aligned
    copy = tempfile.NamedTemporaryFile(suffix=".gguf")
    copy.write(struct.pack("<4sIQQ", magic, version, tensors, keys + 1) + head + struct.pack("<Q", len(text)) + text + content[24:])
    copy.flush()
    return copy


class Serving:
    def __init__(self, model):
        self.path = model

    def __enter__(self):
        self.key_file = tempfile.NamedTemporaryFile("w", suffix=".key")
        self.key_file.write(KEY + "\n")
        self.key_file.flush()
        self.process = subprocess.Popen(
            [PROGRAM, "serve", "--model", self.path, "--port", "0", "--api-key-file", self.key_file.name, "--threads", "1"],
            stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            if found := re.search(r"Serving (\S+) at (http://\S+)", line):
                self.model, self.url = found.groups()
                return self
        raise RuntimeError("serve ended before it was ready")

    def __exit__(self, *_ignored):
        self.process.terminate()
        self.code = self.process.wait(timeout=20)
        self.process.stderr.close()
        self.key_file.close()


def client(key=KEY):
    return openai.OpenAI(base_url=SERVING.url + "/v1", api_key=key, max_retries=0, timeout=60)


class OpenAiClient(unittest.TestCase):
    def complete(self, **changes):
        arguments = {"model": SERVING.model, "prompt": "Once upon a time", "max_tokens": 20, "temperature": 0}
        return client().completions.create(**(arguments | changes))

    def chat(self, **changes):
        arguments = {"model": SERVING.model, "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 10, "temperature": 0}
        return client().chat.completions.create(**(arguments | changes))

    def test_a_completion_has_text_and_usage(self):
        completion = self.complete()
        self.assertEqual(completion.usage.completion_tokens, 20)
        self.assertEqual(completion.usage.total_tokens, completion.usage.prompt_tokens + 20)
        self.assertEqual(completion.choices[0].finish_reason, "length")
        if REAL:
            self.assertTrue(completion.choices[0].text.startswith(", there was a little girl named Lily."), completion)

    def test_a_stream_has_the_same_text_and_usage_at_its_end(self):
        chunks = list(self.complete(stream=True, stream_options={"include_usage": True}))
        text = "".join(choice.text for chunk in chunks for choice in chunk.choices)
        self.assertEqual(text, self.complete().choices[0].text)
        self.assertEqual(chunks[-1].usage.completion_tokens, 20)
        self.assertEqual(chunks[-1].choices, [])
        self.assertTrue(all(chunk.usage is None for chunk in chunks[:-1]))

    def test_a_stop_string_is_not_part_of_the_text(self):
        whole = self.complete().choices[0].text
        stop = whole[8:11]
        completion = self.complete(stop=stop)
        self.assertEqual(completion.choices[0].text, whole[:whole.index(stop)])
        self.assertEqual(completion.choices[0].finish_reason, "stop")

    def test_completion_logprobs(self):
        logprobs = self.complete(max_tokens=5, logprobs=2).choices[0].logprobs
        self.assertEqual(len(logprobs.tokens), 5)
        self.assertTrue(all(value <= 0 for value in logprobs.token_logprobs))
        self.assertTrue(all(len(top) == 2 for top in logprobs.top_logprobs))

    def test_the_same_seed_gives_the_same_text(self):
        texts = [self.complete(temperature=1, seed=seed).choices[0].text for seed in (1, 1, 2)]
        self.assertEqual(texts[0], texts[1])
        self.assertNotEqual(texts[0], texts[2])

    def test_a_chat(self):
        chat = self.chat()
        self.assertEqual(chat.choices[0].message.role, "assistant")
        self.assertIsInstance(chat.choices[0].message.content, str)
        self.assertGreater(chat.usage.prompt_tokens, 0)

    def test_a_chat_stream_begins_with_the_role(self):
        chunks = list(self.chat(stream=True))
        self.assertEqual(chunks[0].choices[0].delta.role, "assistant")
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
        self.assertEqual(text, self.chat().choices[0].message.content)
        self.assertIn(chunks[-1].choices[0].finish_reason, ("length", "stop"))

    def test_chat_logprobs(self):
        content = self.chat(logprobs=True, top_logprobs=3, max_tokens=4).choices[0].logprobs.content
        self.assertGreaterEqual(len(content), 1)
        self.assertEqual(len(content[0].top_logprobs), 3)
        self.assertEqual(content[0].top_logprobs[0].logprob, content[0].logprob)

    def test_models(self):
        self.assertEqual([model.id for model in client().models.list()], [SERVING.model])
        self.assertEqual(client().models.retrieve(SERVING.model).object, "model")

    def test_errors_have_their_types(self):
        with self.assertRaises(openai.BadRequestError) as raised:
            self.complete(temperature=-1)
        self.assertEqual(raised.exception.param, "temperature")
        with self.assertRaises(openai.BadRequestError) as raised:
            self.complete(max_tokens=10**6)
        self.assertEqual(raised.exception.code, "context_length_exceeded")
        with self.assertRaises(openai.NotFoundError) as raised:
            self.complete(model="other")
        self.assertEqual(raised.exception.code, "model_not_found")
        with self.assertRaises(openai.AuthenticationError):
            client("sk-wrong").models.list()

    def test_a_stream_may_be_left(self):
        with self.complete(stream=True, max_tokens=100, extra_body={"ignore_eos": True}) as stream:
            next(iter(stream))
        self.assertEqual(self.complete(max_tokens=3).usage.completion_tokens, 3)


@unittest.skipUnless(REAL, "there is no model file to put a chat template into")
class ChatTemplate(unittest.TestCase):
    TOOLS = [{"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}]

    @classmethod
    def setUpClass(cls):
        cls.file = with_template(MODEL, TEMPLATE)
        cls.serving = Serving(cls.file.name).__enter__()
        cls.client = openai.OpenAI(base_url=cls.serving.url + "/v1", api_key=KEY, max_retries=0, timeout=60)

    @classmethod
    def tearDownClass(cls):
        cls.serving.__exit__()
        cls.file.close()
        assert cls.serving.code == 0

    def chat(self, messages=({"role": "user", "content": "Hi"},), **changes):
        arguments = {"model": self.serving.model, "messages": list(messages), "max_tokens": 30, "temperature": 0}
        return self.client.chat.completions.create(**(arguments | changes))

    def complete(self, prompt):
        return self.client.completions.create(model=self.serving.model, prompt=prompt, max_tokens=30, temperature=0).usage.prompt_tokens

    def test_the_prompt_is_the_template_s(self):
        # The template writes no BOS; a completion's prompt gets one.
        self.assertEqual(self.chat().usage.prompt_tokens, self.complete("<|user|>Hi\nOnce upon a time") - 1)

    def test_content_parts_are_text(self):
        parts = [{"role": "user", "content": [{"type": "text", "text": "H"}, {"type": "text", "text": "i"}]}]
        self.assertEqual(self.chat(parts).choices[0].message.content, self.chat().choices[0].message.content)

    def test_tools_and_their_calls_reach_the_template(self):
        plain = self.chat().usage.prompt_tokens
        self.assertGreater(self.chat(tools=self.TOOLS).usage.prompt_tokens, plain)
        self.assertEqual(self.chat(tools=self.TOOLS, tool_choice="none").usage.prompt_tokens, plain)
        call = {"id": "1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
        talk = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": None, "tool_calls": [call]},
                {"role": "tool", "tool_call_id": "1", "content": "20"}]
        answer = self.chat(talk, tools=self.TOOLS)
        self.assertGreater(answer.usage.prompt_tokens, plain)
        self.assertIsNone(answer.choices[0].message.tool_calls)
        with self.assertRaises(openai.BadRequestError) as raised:
            self.chat(tools=self.TOOLS, tool_choice="required")
        self.assertEqual(raised.exception.param, "tool_choice")

    def test_reasoning_is_told_from_content(self):
        thinking = {"extra_body": {"chat_template_kwargs": {"enable_thinking": True}}}
        message = self.chat(**thinking).choices[0].message
        self.assertEqual(message.content, "")
        self.assertTrue(message.reasoning_content)
        chunks = list(self.chat(stream=True, **thinking))
        reasoning = "".join(getattr(chunk.choices[0].delta, "reasoning_content", None) or "" for chunk in chunks)
        self.assertEqual(reasoning, message.reasoning_content)
        self.assertEqual("".join(chunk.choices[0].delta.content or "" for chunk in chunks), "")

    def test_a_stream_has_the_same_text(self):
        chunks = list(self.chat(stream=True, tools=self.TOOLS))
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
        self.assertEqual(text, self.chat(tools=self.TOOLS).choices[0].message.content)
        self.assertTrue(text)


with Serving(MODEL) as SERVING:
    result = unittest.main(argv=sys.argv[:1], exit=False, verbosity=2).result
if SERVING.code != 0:
    print(f"serve ended with {SERVING.code} after SIGTERM")
sys.exit(0 if result.wasSuccessful() and SERVING.code == 0 else 1)
