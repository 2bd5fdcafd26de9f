"""Boxes that ask one thing. They call no service: they are given choices and answer with one."""
