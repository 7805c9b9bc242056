package main

type sendCmd struct{}

func (sendCmd) Run() error { return nil }
