"""Calibration: how often estimators claim an effect where there is none, or miss a planted one.

:mod:`takedown.simulate.campaigns` simulates series that resemble a campaign but whose truth is
known, ``trials`` runs the estimators of the models on them, and ``verdicts`` counts how often they
were right.
"""
