// Translating single sentences: values, plural forms, sentences in sentences, hostile input.

import Foundation
import Testing
import Words

struct WordsTests {
    let words: Words

    init() throws { words = try Words.standard() }

    @Test(
        arguments: [
            ("There is no such job.", "Такого задания нет.", "그런 작업이 없습니다."),
            (
                "You have 3 jobs queued or running, which is as many as you may.",
                "У вас 3 задания в очереди и в работе, больше нельзя.",
                "대기 중이거나 실행 중인 작업이 3개로, 더 만들 수 없습니다."
            ),
            ("The token expired 5 minutes ago.", "Срок действия токена истёк 5 минут назад.", "토큰이 5분 전에 만료되었습니다."),
            (
                "The job failed: No face was found in the source “a b.jpg”.",
                "Задание не удалось: В источнике «a b.jpg» не найдено ни одного лица.",
                "작업이 실패했습니다: 소스 “a b.jpg”에서 얼굴을 찾지 못했습니다."
            ),
            (
                "The target is 12.5 MB, but at most 10 MB are taken.",
                "Размер цели — 12.5 МБ, а принимается не больше 10 МБ.", "대상의 크기가 12.5 MB이지만 10 MB까지 받습니다."
            ),
            (
                "“me.jpg” is a GIF, not a picture that Masque can read.",
                "«me.jpg» — это GIF, а не картинка, которую Masque умеет читать.",
                "“me.jpg”: GIF이며, Masque가 읽을 수 있는 사진이 아닙니다."
            ),
            (
                "Cannot read “me.jpg”: permission is denied.",
                "Не удалось прочитать («me.jpg»): доступ запрещён.", "읽을 수 없습니다(“me.jpg”): 권한이 없습니다."
            ),
            ("The field map must be an object, not a list.", "Поле map: ожидается объект, а прислано: список.", nil),
            // The names of inspected files are left out.
            (
                "The file is damaged: its streams cannot be read.",
                "Файл повреждён: его потоки не читаются.", "파일이 손상되어 스트림을 읽을 수 없습니다."
            ),
            // Sentences made from pieces.
            (
                "face_enhancer_blend is “x”, but must be a number from 0 to 100.",
                "face_enhancer_blend равно «x», а должно быть числом от 0 до 100.",
                "face_enhancer_blend이(가) “x”이지만 0에서 100까지의 수여야 합니다."
            ),
            (
                "The models a and b are not installed here, so the built-in mesh swap does it.",
                "Моделей a и b здесь нет, поэтому работает встроенная сетка.",
                "a, b 모델이 설치되어 있지 않습니다. 대신 내장 메시로 처리합니다."
            ),
            (
                "“m.onnx” was not downloaded from any of its sources: a.example has no such file (404); "
                    + "what b.example sent is not the file that was expected (its CRC-32 is 1 instead of 2).",
                "«m.onnx» не удалось загрузить ни из одного источника: на a.example нет такого файла (404); "
                    + "полученное с b.example — не тот файл (CRC-32 — 1, а не 2).", nil
            ),
            (
                "Civitai gives model version 5 only to those who paid for early access until 2026-12-01.",
                "Для загрузки версии модели 5 нужен оплаченный ранний доступ на Civitai (до 2026-12-01).",
                "모델 버전 5: Civitai의 얼리 액세스를 구매한 사람만 받을 수 있습니다(2026-12-01까지)."
            ),
            (
                "The processor deep_swapper cannot run on this server. It needs a DFM model of your own; "
                    + "“masque models import” adds one.",
                "Обработчик deep_swapper на этом сервере работать не может. Ему нужна ваша собственная модель DFM; "
                    + "её добавляет команда «masque models import».", nil
            ),
            (
                "The file of “x” is another model: it takes [1, 3] for “input” where [1, 4] is due.",
                "Файл «x» — другая модель (на входе «input» [1, 3] вместо [1, 4]).",
                "“x” 파일은 다른 모델입니다(입력 “input”: [1, 4] 대신 [1, 3])."
            ),
        ] as [(String, String, String?)])
    func `a sentence is said in Russian and Korean`(english: String, russian: String, korean: String?) {
        #expect(words.say(english, in: .english) == english)
        #expect(words.say(english, in: .russian) == russian)
        if let korean { #expect(words.say(english, in: .korean) == korean) }
    }

    @Test func `Russian nouns agree with their numbers`() {
        let forms = ["один", "два", "пять"]
        for (number, form) in [
            ("1", "один"), ("21", "один"), ("101", "один"), ("2", "два"), ("34", "два"), ("0", "пять"), ("5", "пять"),
            ("11", "пять"), ("12", "пять"), ("114", "пять"), ("111", "пять"), ("2.5", "два"), ("", "два"),
        ] {
            #expect(Language.russian.form(of: forms, for: number) == form, "\(number)")
        }
        #expect(Language.korean.form(of: ["개"], for: "1") == "개")
    }

    @Test(
        arguments: [
            ("There is no API key “7”.", "API 키 “7”이 없습니다."), ("There is no API key “2”.", "API 키 “2”가 없습니다."),
            ("There is no API key “서버”.", "API 키 “서버”가 없습니다."), ("There is no API key “집”.", "API 키 “집”이 없습니다."),
            ("There is no API key “abc”.", "API 키 “abc”이(가) 없습니다."),
            ("The job has no source yet.", "작업에 아직 소스가 없습니다."),
        ])
    func `Korean particles go with the word before them`(english: String, korean: String) {
        #expect(words.say(english, in: .korean) == korean)
    }

    @Test func `a sentence that nobody knows stays as it is`() {
        for text in [
            "", "Something else happened.", "“", "{1}", "no such", String(repeating: "The job is ", count: 999),
        ] {
            #expect(words.say(text, in: .russian) == text)
            #expect(words.translation(of: text, into: .korean) == nil)
        }
    }

    @Test func `values come back as they were, whatever they hold`() {
        for value in ["{1}", "{2:time}", "“”", "\u{0}\u{E000}", "Файл «a»", "a. b: c", "👩‍👩‍👧", "\\(x)", " "] {
            #expect(words.say("There is no mode “\(value)”.", in: .russian) == "Режима «\(value)» нет.")
        }
        #expect(words.say("There is no mode “The job failed: x”.", in: .korean) == "“The job failed: x” 방식은 없습니다.")
    }

    @Test func `a tag with region or script is looked up by its language`() {
        #expect(Language(tag: "ru-RU") == .russian)
        #expect(Language(tag: "KO") == .korean)
        #expect(Language(tag: "en_GB") == .english)
        #expect(Language(tag: "de") == nil)
        #expect(Language(tag: "") == nil)
    }

    @Test func `a damaged catalogue is refused`() {
        #expect(throws: (any Error).self) { try Words(json: Array("{".utf8)) }
    }

    @Test func `a translation costs microseconds, and a hostile sentence little more`() {
        let clock = ContinuousClock()
        let usual = ["You have 3 jobs queued or running, which is as many as you may.", "There is no such job."]
        let time = clock.measure {
            for number in 0..<2000 { _ = words.say(usual[number % 2], in: .russian) }
        }
        print("a translation takes \(time / 2000)")
        #expect(time / 2000 < .milliseconds(1))
        let hostile = "The " + String(repeating: "is “a” the file is ", count: 150) + "."
        let worst = clock.measure {
            for _ in 0..<20 { _ = words.say(hostile, in: .korean) }
        }
        print("a hostile one takes \(worst / 20)")
        #expect(worst / 20 < .milliseconds(200))
    }
}
