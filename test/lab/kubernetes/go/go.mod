module ts-play.lab/own

go 1.24.0
