"""Do the estimators find nothing where there is nothing, and what was planted where there is?

``campaigns`` simulates series like a campaign's own but for their known truth, ``trials`` puts the
estimators of the stage models to them, ``verdicts`` counts how often they were right.
"""
