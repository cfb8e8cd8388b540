"""Scenario files: text → tree with positions → validation → scenario, and back to text."""
