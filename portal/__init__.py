"""The portal of the digital handbook HMD/HOV."""
