"""Incidents, and telling people of them.

`incidents` opens and closes them and writes what is to be told, in one transaction; `routing` decides who hears,
`packing` makes messages, `delivery` sends them.
All of it stands in the database: a worker may die between any two steps.
"""
