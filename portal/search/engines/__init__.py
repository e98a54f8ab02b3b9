"""The full text engines behind one small interface. All of them run the same tests."""
