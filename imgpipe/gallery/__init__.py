"""The page behind the distribution's ``/`` and the list of pictures it shows."""
