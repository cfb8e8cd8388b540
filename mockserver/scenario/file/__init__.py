"""Scenario files: text → tree with places → shape → sense → scenario."""
