"""Values as people and scripts see them; nothing here decides anything.

``_screen`` is the one way out. Beside it stands a file for each command: the view of its value.
"""
