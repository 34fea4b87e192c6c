"""One row of the table in this process, on the database of DATABASE_URL: `python -m bench.rows P1`."""

import json
import logging
import os
import sys


def main(row: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    os.environ["DEBUG"] = "false"
    import django

    django.setup()
    logging.disable(logging.WARNING)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from bench import first_visit, pages, polling, second_run, served

    measures = {
        "P1": pages.list_pages,
        "P2": pages.queries,
        "P3": served.slow_upstream,
        "P4": polling.polling,
        "P5": pages.live_refresh,
        "P6": pages.csv_export,
        "P7": served.memory,
        "P8": first_visit.first_visit,
        "P9": second_run.second_run,
    }
    for result in measures[row]():
        print(json.dumps(result.as_json(), ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1])
