"""The notebooks that are reports as well, and data that would like to be more than data."""

NOTEBOOKS = (
    "monthly",
    "20_score_against_benchmarks",
    "30_touchpoints",
    "40_what_drives_loyalty",
    "50_loyalty_outcomes",
    "80_targets_and_actions",
)

HOSTILE = [
    "<script>window.ran = 1</script>",
    "</script><script>window.ran = 1</script>",
    '<img src=x onerror="window.ran = 1">',
    "javascript:window.ran=1",
    "[click](javascript:window.ran=1)",
    "'; window.ran = 1; //",
    "{{ 7 * 7 }} ${window.ran = 1} datum.ran",
]
