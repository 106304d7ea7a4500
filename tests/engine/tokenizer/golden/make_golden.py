"""Makes the small tokenizers of this folder and what Hugging Face's own library does with them.

Usage: make_golden.py FOLDER        (needs Python's tokenizers; the files here: version 0.23)

Each tokenizer has the settings of a family of published models and a vocabulary trained on the text below, so that
its file is small and nobody's but ours.
"""

import json
import os
import random
import sys

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

LETTERS_TEXT = """The quick brown fox doesn't jump over the lazy dog's 3 kennels; they've 12 and 345 and 6789 more, I'll say.
Throughput against interactivity: 1,234.5 tokens/s at 99.9% — that's what we're after, isn't it?  WE'RE DONE.
def main(argc, argv):\n\tfor i in range(10):\n\t\tprint(f"{i}: {argv[i]}")  # ok\n\n\nreturn 0;
Größe, Übermut, naïve café, garçon, señor, smörgåsbord; Привет, мир! Как дела? Ελληνικά γράμματα.
你好，世界。今天天气很好，我们去公园吧！ 日本語のテキストとカタカナ。한국어 문장도 있습니다.
नमस्ते दुनिया । مرحبا بالعالم ١٢٣ שלום עולם ไทย ภาษา
😀 😃 emoji 👩‍👩‍👧‍👦 🇩🇪 ❤️ arrows → ← math ∑ ∫ ½ ² ³ Ⅷ
CamelCaseWords and snake_case_words and SHOUTING_CONSTANTS, HTTPServer2Go v1.2.3 user@example.org https://example.org/a?b=c
"""

TEXTS = [
    "", " ", "  ", "   ", "\n", "\n\n", "\t\t x", " \n", "a", " a", "a ", "Hello", " Hello", "Hello world", " Hello World!",
    "Hello, y'all! How are you?", "I'm sure they'LL go, we'Ve SEEN it; it'S 'd odd 're' ſure I'ſ", "don't DON'T",
    "3", "33", "333", "3333", "33333", "333333 4444444", "1,234.567", "2024-01-02T03:04:05Z", "٣٤٥٦", "½²³Ⅷ①",
    "x" * 40, " " * 33 + "y", "\n \n\n \n\n\n \t\t \t\n  \n   \n", "a\r\nb\r\n\r\nc", "trailing   ", "trailing\n\n", "tab\tand\u00a0nbsp\u2003em\u3000cjk\u2028ls\u180emvs",
    "CamelCaseWords HTTPServer2Go aBcDe ABCdef ǅungla ǲ", "snake_case __init__ //path/to/file.txt\n/* c */", "foo/bar///\n\nbaz", "!!!???\n...;;;", "$%^&*(){}[]<>|\\~`@#",
    "Größe café cafe\u0301 A\u030angstro\u0308m \u1e9b\u0323 \ud55c\uad6d \u1112\u1161\u11ab", "Привет, мир!", "γειά σου Κόσμε", "你好，世界。今天天气很好", "日本語のテキストとカタカナ。ー々", "한국어 문장",
    "नमस्ते", "مرحبا بالعالم", "ภาษาไทย", "😀👩‍👩‍👧‍👦🇩🇪❤️ x😀y", "\U0001f9d9\u200d\u2642\ufe0f \U00010400\U0001e900 𝒳𝔘", "zero\u200bwidth\ufeffbom", "\u0301 leading mark e\u0301\u0327", "�",
    "<s>hi</s>", "<|im_start|>user\nhi<|im_end|>", "  <|im_end|>  x", "a<extra>b <extra> c<extra>", "word <strip>  both  <word>x <word> y", "▁under▁ score_", "<0x41><0x0A>",
]


def more_texts():
    rng = random.Random(7)
    alphabet = list("aZé'sTlL19 \n\t .,/_-()") + ["你", "カ", "한", "😀", "\u0301", "\u00a0", "Ω", "ж", "\r\n", "  ", "123", "'ll", "WORD"]
    for _ in range(40):
        yield "".join(rng.choice(alphabet) for _ in range(rng.randint(3, 40)))


GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN2 = LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")
O200K = "|".join([
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"\p{N}{1,3}", r" ?[^\s\p{L}\p{N}]+[\r\n/]*", r"\s*[\r\n]+", r"\s+(?!\S)", r"\s+"])
DEEPSEEK3 = [r"\p{N}{1,3}", "[一-龥぀-ゟ゠-ヿ]+",
             r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"]
DEEPSEEK_CODER = [r"[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", "[一-龥ࠀ-一가-퟿]+"]


def splits(*expressions):
    return [pre_tokenizers.Split(Regex(expression), "isolated") for expression in expressions]


def byte_level(*steps, use_regex=False, prefix=False):
    return pre_tokenizers.Sequence([*steps, pre_tokenizers.ByteLevel(add_prefix_space=prefix, use_regex=use_regex)])


def trained_bpe(pre, specials, normalizer=None, size=420, **options):
    tokenizer = Tokenizer(models.BPE(**options))
    tokenizer.pre_tokenizer = pre
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator([LETTERS_TEXT] * 2, trainer)
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in specials])
    return tokenizer


def with_bos(tokenizer, bos):
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A", pair=f"{bos} $A {bos}:1 $B:1", special_tokens=[(bos, tokenizer.token_to_id(bos))])
    return tokenizer


def sentencepiece_bpe(metaspace):
    """BPE over characters with bytes to fall back to, as converted from SentencePiece."""
    base = Tokenizer(models.BPE())
    base.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=True)
    base.train_from_iterator([LETTERS_TEXT.replace("\n", " ")] * 2, trainers.BpeTrainer(vocab_size=380, show_progress=False, limit_alphabet=120))
    state = json.loads(base.to_str())["model"]
    names = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)]
    vocab = {name: i for i, name in enumerate(names)}
    for token in sorted(state["vocab"], key=state["vocab"].get):
        vocab.setdefault(token, len(vocab))
    tokenizer = Tokenizer(models.BPE(vocab, [tuple(merge) for merge in state["merges"]], unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    if metaspace:
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    else:
        tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in names[:3]])
    return with_bos(tokenizer, "<s>")


def unigram(byte_fallback):
    base = Tokenizer(models.Unigram())
    base.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    base.train_from_iterator([LETTERS_TEXT.replace("\n", " ")] * 4, trainers.UnigramTrainer(vocab_size=330, unk_token="<unk>", special_tokens=["<pad>", "</s>", "<unk>"], show_progress=False))
    vocab = [tuple(entry) for entry in json.loads(base.to_str())["model"]["vocab"]]
    if byte_fallback:
        vocab += [(f"<0x{byte:02X}>", 0.0) for byte in range(256)]
    tokenizer = Tokenizer(models.Unigram(vocab, unk_id=2, byte_fallback=byte_fallback))
    if byte_fallback:
        tokenizer.normalizer = normalizers.Sequence([normalizers.Replace(Regex(" {2,}"), " "), normalizers.Strip()])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=True)
    tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace(prepend_scheme="always")]) if byte_fallback else decoders.Metaspace(prepend_scheme="always")
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in ("<pad>", "</s>", "<unk>")])
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)])
    return tokenizer


def behaviours():
    """Every behaviour of Split, literal and regular patterns, inverted ones, and added tokens with all their flags."""
    pre = byte_level(
        pre_tokenizers.Split("-", "merged_with_previous"), pre_tokenizers.Split(Regex("[A-Z]"), "merged_with_next"),
        pre_tokenizers.Split(".", "contiguous"), pre_tokenizers.Split(Regex(r"\p{L}+|\p{N}+|\s+"), "isolated", invert=True),
        pre_tokenizers.Split("\t", "removed"), pre_tokenizers.Digits(individual_digits=False), pre_tokenizers.Punctuation("isolated"), prefix=True)
    tokenizer = trained_bpe(pre, ["<s>", "</s>", "<|im_end|>"], normalizers.Replace("ж", "zh"))
    tokenizer.add_tokens([AddedToken("<extra>", normalized=True), AddedToken("<strip>", lstrip=True, rstrip=True, normalized=False),
                          AddedToken("<word>", single_word=True, normalized=False), AddedToken("жzh", normalized=True)])
    return tokenizer


FAMILIES = {
    "gpt2": lambda: trained_bpe(pre_tokenizers.ByteLevel(add_prefix_space=False), ["<|endoftext|>"]),
    "llama3": lambda: with_bos(trained_bpe(byte_level(*splits(LLAMA3)), ["<|begin_of_text|>", "<|eot_id|>"], ignore_merges=True), "<|begin_of_text|>"),
    "qwen3": lambda: trained_bpe(byte_level(*splits(QWEN2)), ["<|endoftext|>", "<|im_start|>", "<|im_end|>"], normalizers.NFC()),
    "gpt_oss": lambda: trained_bpe(byte_level(*splits(O200K)), ["<|start|>", "<|channel|>", "<|message|>", "<|end|>", "<|return|>"], ignore_merges=True),
    "deepseek_v3": lambda: with_bos(trained_bpe(byte_level(*splits(*DEEPSEEK3)), ["<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>"]), "<｜begin▁of▁sentence｜>"),
    "deepseek_coder": lambda: trained_bpe(byte_level(*splits(*DEEPSEEK_CODER), pre_tokenizers.Digits(individual_digits=True)), ["<|EOT|>"]),
    "smollm2": lambda: trained_bpe(byte_level(pre_tokenizers.Digits(individual_digits=True), use_regex=True), ["<|im_start|>", "<|im_end|>"]),
    "llama2": lambda: sentencepiece_bpe(False),
    "mixtral": lambda: sentencepiece_bpe(True),
    "unigram": lambda: unigram(False),
    "unigram_bytes": lambda: unigram(True),
    "behaviours": behaviours,
}


def main():
    folder = sys.argv[1]
    texts = TEXTS + list(more_texts())
    for name, make in FAMILIES.items():
        tokenizer = make()
        os.makedirs(os.path.join(folder, name), exist_ok=True)
        with open(os.path.join(folder, name, "tokenizer.json"), "w") as file:
            json.dump(json.loads(tokenizer.to_str()), file, ensure_ascii=False, separators=(",", ":"))
            file.write("\n")
        plain, whole = tokenizer.encode("x", add_special_tokens=False).ids, tokenizer.encode("x").ids
        begin = next(i for i in range(len(whole)) if whole[i:i + len(plain)] == plain)
        around = {"before": whole[:begin], "after": whole[begin + len(plain):]}
        with open(os.path.join(folder, name, "cases.json"), "w") as file:
            lines = []
            for text in texts:
                ids = tokenizer.encode(text, add_special_tokens=False).ids
                assert tokenizer.encode(text).ids == around["before"] + ids + around["after"]
                decoded = tokenizer.decode(ids)
                lines.append(json.dumps([text, ids] + ([decoded] if decoded != text else []), ensure_ascii=False, separators=(",", ":")))
            file.write(json.dumps(around)[:-1] + ', "cases": [\n' + ",\n".join(lines) + "]}\n")


main()
