"""The chain for Airflow: 40 functions, each of which takes what the one before returned."""

import pendulum
from airflow.sdk import dag, task


@dag(schedule=None, start_date=pendulum.datetime(2024, 1, 1), catchup=False)
def chain():
    @task
    def step(value):
        return value + 1

    value = 0
    for number in range(40):
        value = step.override(task_id=f"s{number}")(value)


chain()
