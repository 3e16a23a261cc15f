"""Turns Terraform's files into one tree of plain values: what is written outright as itself, an expression as `${..}`."""

import hcl2


def load(folder):
    tree = {}
    for file in sorted(folder.glob("*.tf")):
        with file.open() as text:
            for kind, blocks in hcl2.load(text).items():
                for block in blocks if not kind.startswith("__") else ():
                    merge(tree.setdefault(kind, {}), plain(block))
    return tree


def plain(value):
    if isinstance(value, dict):
        return {unquoted(name): plain(inner) for name, inner in value.items() if not name.startswith("__")}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return unquoted(value) if isinstance(value, str) else value


def unquoted(text):
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def merge(into, block):
    """Blocks of one kind are told apart by their labels; what two say of one label is both of theirs."""
    for name, value in block.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            merge(into[name], value)
        elif name in into:
            raise ValueError(f"{name} is there twice")
        else:
            into[name] = value
