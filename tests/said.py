"""All that an error says, with those that hang on it."""


def everything_said(error: BaseException | None) -> str:
    """Write out an error with all that hangs on it, as a log would."""
    said, seen = [], set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        said += [str(error), repr(error), *getattr(error, "__notes__", ())]
        error = error.__cause__ or error.__context__
    return "\n".join(said)
